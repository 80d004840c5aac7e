// Keys, hashes and signature algorithms: one table, one row each. What is not
// in it cannot be asked for: SHA-1 and MD5 have no row. Pure.
#ifndef COUNTERSIGN_CORE_ALGORITHMS_H_
#define COUNTERSIGN_CORE_ALGORITHMS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace countersign::core {

enum class KeyType { kRsa2048, kRsa3072, kRsa4096, kEcP256, kEcP384, kEcP521 };
enum class HashAlgorithm { kSha256, kSha384, kSha512 };
// RSASSA-PSS has MGF1 with the same hash and a salt as long as the hash.
enum class SignatureAlgorithm { kRsassaPkcs1V15, kRsassaPss, kEcdsa };

// Octets of a digest: 32, 48, 64.
size_t DigestSize(HashAlgorithm hash);

bool IsRsa(KeyType type);
// Modulus or curve size: 2048..4096, 256, 384, 521.
int KeyBits(KeyType type);

// True where a key of that type can make that kind of signature.
bool Fits(KeyType key, SignatureAlgorithm signature);
// The algorithms that a key of that type can make.
std::vector<SignatureAlgorithm> AlgorithmsFor(KeyType key);
// The customary hash: SHA-256 for RSA and P-256, SHA-384 for P-384, SHA-512.
HashAlgorithm DefaultHash(KeyType key);

// Text as it stands in leaves, labels and listings: "RSA2048", "P-256";
// "SHA-256"; "RSASSA-PKCS1-V1_5", "RSASSA-PSS", "ECDSA".
absl::string_view ToString(KeyType type);
absl::string_view ToString(HashAlgorithm hash);
absl::string_view ToString(SignatureAlgorithm algorithm);

// The reverse. INVALID_ARGUMENT lists what would be right.
absl::StatusOr<KeyType> ParseKeyType(absl::string_view text);
absl::StatusOr<HashAlgorithm> ParseHashAlgorithm(absl::string_view text);
absl::StatusOr<SignatureAlgorithm> ParseSignatureAlgorithm(
    absl::string_view text);

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_ALGORITHMS_H_
