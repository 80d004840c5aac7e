// The login of a process to a token. A token locks after a few wrong PINs, so
// nothing here tries twice: the token's own flags and the latch on disk are
// looked at first, and after a refusal the latch stops every further attempt
// until an operator has acted.
#ifndef COUNTERSIGN_HSM_LOGIN_H_
#define COUNTERSIGN_HSM_LOGIN_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/random.h"
#include "base/secret_bytes.h"
#include "hsm/pin_latch.h"
#include "hsm/session.h"
#include "hsm/slot.h"
#include "hsm/token_options.h"

namespace countersign::hsm {

// Single-thread.
class Login {
 public:
  explicit Login(const TokenOptions& options);

  // All that can be said without a try: flags of the token, PIN file, latch.
  // FAILED_PRECONDITION PIN_REFUSED, PIN_LATCHED, LATCH_UNUSABLE, or errors of
  // base::ReadSecretFile.
  absl::Status Check(const TokenInfo& token) const;

  // Reads the PIN from its file and logs in on `session`, for all sessions of
  // the process. Blocks. The errors of Check, PIN_REFUSED where the token
  // refuses the PIN, and of the module. After one of the module it answers
  // UNAVAILABLE for a while, longer each time: modules exist that say so of a
  // wrong PIN.
  absl::Status LogIn(Session& session, const TokenInfo& token);

 private:
  // The PIN, where it may be tried.
  absl::StatusOr<base::SecretBytes> Admit(const TokenInfo& token,
                                          bool probe_latch) const;
  absl::Status Latch(const TokenInfo& token, const base::SecretBytes& pin,
                     const absl::Status& refusal);
  void Postpone(const absl::Status& failure);

  const std::string pin_file_;
  const PinLatch latch_;
  // Its own: a login that comes back late outlives whoever wanted it.
  base::SystemRandom random_;
  bool warned_ = false;
  // The latch could be written once; to ask again would cost an fsync each time
  // that a token comes back.
  bool probed_ = false;
  // The answer of the latch, and the files as they were then: its hash is slow.
  absl::Status latched_;
  std::string files_then_;
  std::optional<absl::Duration> not_before_;  // steady time
  absl::Duration pause_;
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_LOGIN_H_
