#include "client/cli/digest_text.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/error.h"
#include "client/api/client_error.h"

namespace countersign::client {
namespace {

constexpr HashAlgorithm kHashes[] = {
    HashAlgorithm::kSha256, HashAlgorithm::kSha384, HashAlgorithm::kSha512};

absl::Status Malformed(absl::string_view text, absl::string_view why) {
  const std::string shown = base::EscapeForDisplay(text.substr(0, 160));
  return base::MakeError(absl::StatusCode::kInvalidArgument,
                         absl::StrCat("digest \"", shown, "\": ", why),
                         Because("DIGEST_MALFORMED"));
}

bool IsHex(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), absl::ascii_isxdigit);
}

// True where a text of hexadecimal digits is one, and not base64 by chance: a
// SHA-384 in base64 and a SHA-256 in hexadecimal both have 64 characters.
bool IsHexLength(size_t size) {
  return size == 64 || size == 96 || size == 128;
}

absl::StatusOr<std::string> Decode(absl::string_view text) {
  if (IsHex(text) &&
      (IsHexLength(text.size()) || text.size() == 40 || text.size() == 32)) {
    return base::HexDecode(text);
  }
  absl::StatusOr<std::string> octets = base::Base64Decode(text);
  if (octets.ok()) return octets;
  if (IsHex(text) && text.size() % 2 == 0) return base::HexDecode(text);
  return Malformed(text,
                   "neither hexadecimal nor base64 (standard alphabet, "
                   "with padding)");
}

std::string Lengths() {
  return "SHA-256 has 32 octets, SHA-384 48, SHA-512 64";
}

}  // namespace

absl::StatusOr<ParsedDigest> ParseDigest(absl::string_view text,
                                         std::optional<HashAlgorithm> hash) {
  absl::StatusOr<std::string> octets = Decode(text);
  if (!octets.ok()) return octets.status();
  const size_t size = octets->size();
  if (hash.has_value()) {
    if (size == HashSize(*hash)) return ParsedDigest{*octets, *hash};
    return Malformed(text, absl::StrCat(size, " octets; ", HashName(*hash),
                                        " has ", HashSize(*hash)));
  }
  for (const HashAlgorithm candidate : kHashes) {
    if (size == HashSize(candidate)) return ParsedDigest{*octets, candidate};
  }
  if (size == 20 || size == 16) {
    return Malformed(
        text, absl::StrCat(size, " octets, as ", size == 20 ? "SHA-1" : "MD5",
                           " has, which is not signed; ", Lengths()));
  }
  return Malformed(text, absl::StrCat(size, " octets; ", Lengths()));
}

}  // namespace countersign::client
