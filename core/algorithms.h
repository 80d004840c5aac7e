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

enum class KeyType {
  kRsa2048,
  kRsa3072,
  kRsa4096,
  kEcP256,
  kEcP384,
  kEcP521,
  kEd25519,
};
// kUnhashed: the message itself is signed (Ed25519 only; docs/adr/0008).
enum class HashAlgorithm { kSha256, kSha384, kSha512, kUnhashed };
// RSASSA-PSS has MGF1 with the same hash and a salt as long as the hash.
// kEd25519 is pure Ed25519 (RFC 8032 5.1).
enum class SignatureAlgorithm { kRsassaPkcs1V15, kRsassaPss, kEcdsa, kEd25519 };
// How an ECDSA signature is written: SEQUENCE of r and s (RFC 3279 2.2.3), or r
// and s side by side, each as long as the order (PKCS#11, IEEE P1363).
enum class EcdsaForm { kDer, kFixedWidth };

// Octets of a digest: 32, 48, 64; for kUnhashed 0, and DigestFits tells.
size_t DigestSize(HashAlgorithm hash);
// The longest message that kUnhashed takes.
inline constexpr size_t kMaxMessageSize = 4096;
// Whether something of `size` octets can be signed as `hash` says.
bool DigestFits(HashAlgorithm hash, size_t size);

bool IsRsa(KeyType type);
// Modulus or curve size: 2048..4096, 256, 384, 521, 255.
int KeyBits(KeyType type);

// True where a key of that type can make that kind of signature.
bool Fits(KeyType key, SignatureAlgorithm signature);
// True where that kind of signature is made over such a digest: kEd25519 and
// kUnhashed go together and with nothing else.
bool Fits(SignatureAlgorithm signature, HashAlgorithm hash);
// The algorithms that a key of that type can make.
std::vector<SignatureAlgorithm> AlgorithmsFor(KeyType key);
// The customary hash: SHA-256 for RSA and P-256, SHA-384 for P-384, SHA-512 for
// P-521; kUnhashed for Ed25519.
HashAlgorithm DefaultHash(KeyType key);

// Text as it stands in leaves, labels and listings: "RSA2048", "P-256",
// "Ed25519"; "SHA-256", "UNHASHED"; "RSASSA-PKCS1-V1_5", "RSASSA-PSS", "ECDSA",
// "ED25519"; "DER", "FIXED_WIDTH".
absl::string_view ToString(KeyType type);
absl::string_view ToString(HashAlgorithm hash);
absl::string_view ToString(SignatureAlgorithm algorithm);
absl::string_view ToString(EcdsaForm form);

// The reverse. INVALID_ARGUMENT lists what would be right.
absl::StatusOr<KeyType> ParseKeyType(absl::string_view text);
absl::StatusOr<HashAlgorithm> ParseHashAlgorithm(absl::string_view text);
absl::StatusOr<SignatureAlgorithm> ParseSignatureAlgorithm(
    absl::string_view text);
absl::StatusOr<EcdsaForm> ParseEcdsaForm(absl::string_view text);

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_ALGORITHMS_H_
