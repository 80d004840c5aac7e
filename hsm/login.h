// The one login of a process to a token. A token locks after a few wrong PINs,
// so nothing here tries twice: the token's own flags are looked at first, and
// after a refusal no further attempt is made while the process lives.
#ifndef COUNTERSIGN_HSM_LOGIN_H_
#define COUNTERSIGN_HSM_LOGIN_H_

#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "base/mutex.h"
#include "hsm/session.h"
#include "hsm/slot.h"

namespace countersign::hsm {

// Thread-safe.
class Login {
 public:
  explicit Login(std::string pin_file) : pin_file_(std::move(pin_file)) {}

  // Reads the PIN from its file and logs in on `session`, for all sessions of
  // the process. Blocks. FAILED_PRECONDITION PIN_REFUSED where the PIN is
  // wrong, was wrong before, or one more mistake would lock the token; errors
  // of base::ReadSecretFile (no try is used up), and of the module.
  absl::Status LogIn(Session& session, const TokenInfo& token)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // True after a refusal: nothing will be tried again.
  bool refused() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  const std::string pin_file_;
  mutable base::Mutex mutex_;
  absl::Status refusal_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_LOGIN_H_
