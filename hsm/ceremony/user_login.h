// The logins of a ceremony, with the guard of the server (hsm/login.h): the
// token's flags are looked at before a PIN is tried, a PIN is tried once, and a
// PIN from a file that was refused is latched, for the server as well.
#ifndef COUNTERSIGN_HSM_CEREMONY_USER_LOGIN_H_
#define COUNTERSIGN_HSM_CEREMONY_USER_LOGIN_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/secret_bytes.h"
#include "hsm/ceremony/open_token.h"
#include "hsm/ceremony/run.h"

namespace countersign::hsm {

// As the user, with --pin-file or what is typed. FAILED_PRECONDITION
// PIN_REFUSED, PIN_LATCHED; errors of ReadPin and of the module. Blocks.
absl::Status LogInAsUser(Run& run, Libp11& libp11, const SlotInfo& info);
// The same, and the PIN that was taken.
absl::StatusOr<base::SecretBytes> LogInAndKeepPin(Run& run, Libp11& libp11,
                                                  const SlotInfo& info);

// What the security officer's PIN is tried for only where the token has tries
// left: FAILED_PRECONDITION PIN_REFUSED. The next wrong one may erase it.
absl::Status CheckOfficerPin(const SlotInfo& info);
// `status` of a try of that PIN, as PIN_REFUSED where it was not taken.
absl::Status OfficerRefusal(const SlotInfo& info, const absl::Status& status);

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_CEREMONY_USER_LOGIN_H_
