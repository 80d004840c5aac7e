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

// From CKA_EC_PARAMS and CKA_EC_POINT, also of an Edwards key. Modules give the
// curve as its OID or by name in a PrintableString, and the point bare or, as
// PKCS#11 2.40 2.3.3 has it, in an OCTET STRING: all of them are taken, but no
// compressed point. INVALID_ARGUMENT says which is wrong.
absl::StatusOr<std::string> EcSpki(absl::string_view params,
                                   absl::string_view point);

// An SPKI that a module gives whole (CKA_PUBLIC_KEY_INFO, PKCS#11 2.40 4.14),
// written as the others here: equal keys have equal octets.
absl::StatusOr<std::string> CanonicalSpki(absl::string_view spki);

// CKA_EC_PARAMS for making a key: DER of the curve's OID. `type` is an EC or
// Edwards type.
absl::string_view CurveOid(core::KeyType type);
// The other form, a PrintableString (PKCS#11 3.0 2.3.5): "edwards25519".
std::string CurveName(core::KeyType type);

// INVALID_ARGUMENT where it is broken or of a type that has no row in
// core/algorithms.h.
absl::StatusOr<core::KeyType> SpkiKeyType(absl::string_view spki);

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_PUBLIC_KEY_H_
