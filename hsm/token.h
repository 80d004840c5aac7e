// One token of one module, logged in: what sessions are opened on, whether it
// is there, and how it is taken up again after it was lost. Makes no
// signatures. Called by Pkcs11Signer and its workers.
#ifndef COUNTERSIGN_HSM_TOKEN_H_
#define COUNTERSIGN_HSM_TOKEN_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "core/signer.h"
#include "hsm/login.h"
#include "hsm/module.h"
#include "hsm/session.h"

namespace countersign::hsm {

// Thread-safe. Sessions must be gone before it dies.
class Token {
 public:
  // Loads the module, finds the token, logs in once and keeps one session open
  // for good: with the last session the login would end. Blocks.
  static absl::StatusOr<std::unique_ptr<Token>> Open(
      const std::string& module_path, const std::string& label,
      const std::string& pin_file);

  // Blocks. UNAVAILABLE TOKEN_UNAVAILABLE while the token is away, or errors
  // of the module.
  absl::StatusOr<Session> OpenSession(Session::Mode mode)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // OK where the token is there. Where it was lost, this call initialises the
  // module anew, logs in, and answers how that went: one thread at a time, and
  // at most once in error::kRetryDelay; all others get UNAVAILABLE at once.
  absl::Status EnsureReady() ABSL_LOCKS_EXCLUDED(mutex_);

  // A call of `epoch` failed in a way that only a new start cures. Says nothing
  // where that start was made since.
  void ReportLost(uint64_t epoch, const absl::Status& why)
      ABSL_LOCKS_EXCLUDED(mutex_);

  core::SignerHealth Health() const ABSL_LOCKS_EXCLUDED(mutex_);
  const std::string& label() const { return label_; }

 private:
  Token(std::unique_ptr<Module> module, std::string label,
        std::string pin_file);
  // Finds the token, opens the session that stays, logs in.
  absl::Status Connect() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status Reconnect() ABSL_LOCKS_EXCLUDED(mutex_);

  const std::unique_ptr<Module> module_;
  const std::string label_;
  Login login_;

  mutable base::Mutex mutex_;
  bool ready_ ABSL_GUARDED_BY(mutex_) = false;
  bool connecting_ ABSL_GUARDED_BY(mutex_) = false;
  std::string why_not_ ABSL_GUARDED_BY(mutex_);
  std::optional<absl::Duration> last_attempt_ ABSL_GUARDED_BY(mutex_);
  CK_SLOT_ID slot_ ABSL_GUARDED_BY(mutex_) = 0;
  // The session that keeps the login.
  std::unique_ptr<Session> pinned_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_TOKEN_H_
