// A digest as people type it: hexadecimal or base64. A text of 64 hexadecimal
// digits is a SHA-256, although a SHA-384 in base64 has 64 characters too: one
// of those that has none but hexadecimal digits does not happen. Pure.
#ifndef COUNTERSIGN_CLIENT_CLI_DIGEST_TEXT_H_
#define COUNTERSIGN_CLIENT_CLI_DIGEST_TEXT_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/artifact/hash_algorithm.h"

namespace countersign::client {

struct ParsedDigest {
  std::string octets;
  HashAlgorithm hash = HashAlgorithm::kSha256;
};

// `hash` nullopt: by the length. INVALID_ARGUMENT (DIGEST_MALFORMED) names the
// length that it has and those that would be right; SHA-1 and MD5 are refused
// by name.
absl::StatusOr<ParsedDigest> ParseDigest(absl::string_view text,
                                         std::optional<HashAlgorithm> hash);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_DIGEST_TEXT_H_
