// Key pairs in the token: making one, finding exactly one by class, CKA_ID and
// label, and reading its public key. Blocks in every function.
#ifndef COUNTERSIGN_HSM_KEY_PAIR_H_
#define COUNTERSIGN_HSM_KEY_PAIR_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/algorithms.h"
#include "core/signer.h"
#include "hsm/session.h"

namespace countersign::hsm {

// The pair with the id and label of `key`; nullopt where neither half is
// there. FAILED_PRECONDITION KEY_DOUBLED or KEY_INCOMPLETE.
absl::StatusOr<std::optional<KeyPairHandles>> FindKeyPair(
    Session& session, const core::KeyRef& key);

// Makes the pair in the token, sensitive and for signing only, and checks what
// the token then says of it; a key that fails is destroyed again. `session` is
// read-write. Seconds for RSA-4096.
absl::StatusOr<KeyPairHandles> GenerateKeyPair(Session& session,
                                               const core::KeyRef& key);

// SPKI, DER, of a public key object. FAILED_PRECONDITION KEY_OF_OTHER_TYPE
// where it is not of the type of `key`.
absl::StatusOr<std::string> ReadSpki(Session& session,
                                     CK_OBJECT_HANDLE public_key,
                                     const core::KeyRef& key);

// The private key of `key`, after its public half was compared with the pinned
// SPKI: FAILED_PRECONDITION KEY_MISSING, KEY_NOT_PINNED and those above.
absl::StatusOr<CK_OBJECT_HANDLE> FindPinnedKey(Session& session,
                                               const core::KeyRef& key);

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_KEY_PAIR_H_
