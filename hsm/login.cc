#include "hsm/login.h"

#include "base/secret_bytes.h"
#include "base/status_macros.h"
#include "hsm/errors.h"
#include "hsm/return_code.h"

namespace countersign::hsm {
namespace {

// PKCS#11 2.40 3.2, CK_TOKEN_INFO.
absl::Status CheckFlags(const TokenInfo& token) {
  if ((token.flags & CKF_USER_PIN_INITIALIZED) == 0) {
    return error::PinRefused(token.label, "it has no user PIN yet", "");
  }
  if ((token.flags & CKF_USER_PIN_LOCKED) != 0) {
    return error::PinRefused(token.label,
                             "its user PIN is locked; the security officer "
                             "must set it anew",
                             "");
  }
  if ((token.flags & CKF_USER_PIN_FINAL_TRY) != 0) {
    return error::PinRefused(token.label,
                             "one more wrong PIN would lock it; log in by "
                             "hand once with the right one",
                             "");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Login::LogIn(Session& session, const TokenInfo& token) {
  {
    base::MutexLock lock(mutex_);
    RETURN_IF_ERROR(refusal_);
  }
  RETURN_IF_ERROR(CheckFlags(token));
  ASSIGN_OR_RETURN(const base::SecretBytes pin,
                   base::ReadSecretFile(pin_file_));
  const absl::Status status = session.LogIn(pin);
  if (FailureOf(status) != Failure::kPin) return status;
  base::MutexLock lock(mutex_);
  refusal_ = error::PinRefused(
      token.label, "the module answered the PIN in the PIN file with an error",
      ReturnCodeNameOf(status));
  return refusal_;
}

bool Login::refused() const {
  base::MutexLock lock(mutex_);
  return !refusal_.ok();
}

}  // namespace countersign::hsm
