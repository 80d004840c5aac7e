// The public key that an object in the token tells of, be it the public or the
// private half: from its parts, or whole where the module has it so. Blocks.
#ifndef COUNTERSIGN_HSM_OBJECT_SPKI_H_
#define COUNTERSIGN_HSM_OBJECT_SPKI_H_

#include <p11-kit-1/p11-kit/pkcs11.h>

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/algorithms.h"
#include "hsm/session.h"

namespace countersign::hsm {

// SPKI, DER; nullopt where the object does not tell it, as private EC keys do
// not in SoftHSM and NSS. INVALID_ARGUMENT where what it tells is no key of
// ours; errors of the module.
absl::StatusOr<std::optional<std::string>> ReadObjectSpki(
    Session& session, CK_OBJECT_HANDLE object);

// Whether CKA_KEY_TYPE is that of such keys (of any size or curve).
absl::StatusOr<bool> HasKeyType(Session& session, CK_OBJECT_HANDLE object,
                                core::KeyType type);

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_OBJECT_SPKI_H_
