// A look at a key from a session that is not logged in: it sees public keys
// only, where the module shows them at all. Called by check_token.h; signing
// uses FindPinnedKey.
#ifndef COUNTERSIGN_HSM_VISIBLE_KEY_H_
#define COUNTERSIGN_HSM_VISIBLE_KEY_H_

#include "absl/status/status.h"
#include "core/signer.h"
#include "hsm/session.h"

namespace countersign::hsm {

// FAILED_PRECONDITION: KEY_MISSING, KEY_DOUBLED, KEY_OF_OTHER_TYPE,
// KEY_NOT_PINNED. NOT_FOUND KEY_NOT_VISIBLE where the token shows no public key
// at all. Blocks.
absl::Status CheckVisibleKey(Session& session, const core::KeyRef& key);

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_VISIBLE_KEY_H_
