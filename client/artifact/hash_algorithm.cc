#include "client/artifact/hash_algorithm.h"

#include "absl/strings/str_cat.h"
#include "base/openssl.h"
#include "client/artifact/artifact_error.h"

namespace countersign::client {
namespace {

struct Row {
  HashAlgorithm hash;
  const char* name;
  const char* older_name;
  const char* openssl_name;
  size_t size;
};

constexpr Row kTable[] = {
    {HashAlgorithm::kSha256, "SHA-256", "sha256", "SHA256", 32},
    {HashAlgorithm::kSha384, "SHA-384", "sha384", "SHA384", 48},
    {HashAlgorithm::kSha512, "SHA-512", "sha512", "SHA512", 64},
};

const Row& RowOf(HashAlgorithm hash) {
  return kTable[static_cast<size_t>(hash)];
}

}  // namespace

absl::StatusOr<HashAlgorithm> ParseHashAlgorithm(absl::string_view name) {
  for (const Row& row : kTable) {
    if (name == row.name || name == row.older_name) return row.hash;
  }
  return BadInput("HASH_UNKNOWN",
                  absl::StrCat("hash algorithm ", Quoted(name),
                               " is not one of SHA-256, SHA-384, SHA-512"));
}

const char* HashName(HashAlgorithm hash) { return RowOf(hash).name; }

const char* OpensslHashName(HashAlgorithm hash) {
  return RowOf(hash).openssl_name;
}

size_t HashSize(HashAlgorithm hash) { return RowOf(hash).size; }

std::string HashOctets(HashAlgorithm hash, absl::string_view octets) {
  return base::Digest(OpensslHashName(hash), octets);
}

}  // namespace countersign::client
