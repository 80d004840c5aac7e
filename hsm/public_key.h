// SubjectPublicKeyInfo (RFC 5280 4.1.2.7) from the attributes of a public key
// object, and what type of key an SPKI holds. Pure.
#ifndef COUNTERSIGN_HSM_PUBLIC_KEY_H_
#define COUNTERSIGN_HSM_PUBLIC_KEY_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/algorithms.h"

namespace countersign::hsm {

// From CKA_MODULUS and CKA_PUBLIC_EXPONENT, big-endian.
absl::StatusOr<std::string> RsaSpki(absl::string_view modulus,
                                    absl::string_view exponent);

// From CKA_EC_PARAMS (DER of the curve's OID) and CKA_EC_POINT. Modules give
// the point bare or, as PKCS#11 2.40 2.3.3 has it, in an OCTET STRING: both are
// taken.
absl::StatusOr<std::string> EcSpki(absl::string_view params,
                                   absl::string_view point);

// DER of the curve's OID. `type` is an EC type.
absl::string_view CurveOid(core::KeyType type);

// INVALID_ARGUMENT where it is broken or of a type that has no row in
// core/algorithms.h.
absl::StatusOr<core::KeyType> SpkiKeyType(absl::string_view spki);

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_PUBLIC_KEY_H_
