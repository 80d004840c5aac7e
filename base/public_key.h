// Public keys out of the numbers that JSON Web Keys have (RFC 7518 6, RFC 8037
// 2). It checks that they are a key, not that the key is strong enough. Pure.
#ifndef COUNTERSIGN_BASE_PUBLIC_KEY_H_
#define COUNTERSIGN_BASE_PUBLIC_KEY_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace countersign::base {

// All numbers are big-endian octets; results are SubjectPublicKeyInfo, DER.
// INVALID_ARGUMENT where they are no key.

absl::StatusOr<std::string> RsaSpki(absl::string_view modulus,
                                    absl::string_view exponent);
// `curve` is "P-256", "P-384" or "P-521"; x and y as long as its field. The
// point is on the curve (RFC 7518 6.2.1: an attacker's could be elsewhere).
absl::StatusOr<std::string> EcSpki(absl::string_view curve, absl::string_view x,
                                   absl::string_view y);
absl::StatusOr<std::string> Ed25519Spki(absl::string_view key);

}  // namespace countersign::base

#endif  // COUNTERSIGN_BASE_PUBLIC_KEY_H_
