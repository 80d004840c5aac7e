// Which tokens a module has, and the one slot that holds the token of a given
// label. Slot numbers change when tokens are made, so only labels are kept.
#ifndef COUNTERSIGN_HSM_SLOT_H_
#define COUNTERSIGN_HSM_SLOT_H_

#include <p11-kit-1/p11-kit/pkcs11.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "hsm/module.h"

namespace countersign::hsm {

struct TokenInfo {
  CK_SLOT_ID slot = 0;
  std::string label;
  std::string serial;
  std::string model;
  CK_FLAGS flags = 0;  // CKF_USER_PIN_LOCKED and the like
  // How many sessions it has room for; 0 where it does not say.
  CK_ULONG max_sessions = 0;
};

// Initialised tokens. Blocks.
absl::StatusOr<std::vector<TokenInfo>> ListTokens(Module& module);

// NOT_FOUND TOKEN_NOT_FOUND names those that are there; FAILED_PRECONDITION
// TOKEN_AMBIGUOUS where two have the label; UNAVAILABLE NO_TOKEN where the
// module shows none at all, as it does while its device is away. Blocks.
absl::StatusOr<TokenInfo> FindToken(Module& module, absl::string_view label);

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_SLOT_H_
