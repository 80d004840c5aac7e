// Algorithms and key types as people write them, to and from the wire's enums.
// One row each; spelling does not care for case, "-", "_" and blanks. Pure.
#ifndef COUNTERSIGN_CLIENT_CLI_ALGORITHM_TEXT_H_
#define COUNTERSIGN_CLIENT_CLI_ALGORITHM_TEXT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/signature_verifier.h"
#include "client/artifact/hash_algorithm.h"
#include "countersign/v1/resources.pb.h"

namespace countersign::client {

// Each: INVALID_ARGUMENT (reasons ..._UNKNOWN) lists what would be right.

// "SHA-256", "sha256": what files are hashed with.
absl::StatusOr<v1::HashAlgorithm> ReadHash(absl::string_view text);
// The same, or "UNHASHED": what an operation may allow.
absl::StatusOr<v1::HashAlgorithm> ReadAllowedHash(absl::string_view text);
// "RSASSA-PKCS1-V1_5", "rsassa-pss", "ECDSA", "ed25519"; short "pkcs1", "pss".
absl::StatusOr<v1::SignatureAlgorithm> ReadAlgorithm(absl::string_view text);
// "RSA4096", "P-256", "EC_P256", "Ed25519".
absl::StatusOr<v1::KeyType> ReadKeyType(absl::string_view text);
// "der", "fixed-width".
absl::StatusOr<v1::EcdsaForm> ReadEcdsaForm(absl::string_view text);

std::string Format(v1::HashAlgorithm hash);            // "SHA-256"
std::string Format(v1::SignatureAlgorithm algorithm);  // "RSASSA-PSS"
std::string Format(v1::KeyType type);                  // "P-256"

v1::HashAlgorithm ToWire(HashAlgorithm hash);
// UNSPECIFIED is SHA-256; UNHASHED has none and must not come here.
HashAlgorithm FromWire(v1::HashAlgorithm hash);
// UNSPECIFIED is PKCS #1 v1.5.
base::SignatureScheme SchemeOf(v1::SignatureAlgorithm algorithm);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_ALGORITHM_TEXT_H_
