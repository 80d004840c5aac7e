// The hash functions that a blob or a component descriptor may be hashed with,
// and their spellings. Not the signature algorithms (signature_algorithm.h).
// Called by everything in this room. Pure.
#ifndef COUNTERSIGN_CLIENT_ARTIFACT_HASH_ALGORITHM_H_
#define COUNTERSIGN_CLIENT_ARTIFACT_HASH_ALGORITHM_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace countersign::client {

enum class HashAlgorithm { kSha256, kSha384, kSha512 };

// "SHA-256", "SHA-384", "SHA-512"; also the older OCM spellings "sha256",
// "sha384", "sha512". INVALID_ARGUMENT (HASH_UNKNOWN) for anything else.
absl::StatusOr<HashAlgorithm> ParseHashAlgorithm(absl::string_view name);

// "SHA-256": what OCM writes.
const char* HashName(HashAlgorithm hash);
// "SHA256": what OpenSSL and base/ call it.
const char* OpensslHashName(HashAlgorithm hash);
// Octets of a digest: 32, 48 or 64.
size_t HashSize(HashAlgorithm hash);

// The digest of octets that are in memory.
std::string HashOctets(HashAlgorithm hash, absl::string_view octets);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_ARTIFACT_HASH_ALGORITHM_H_
