// Octets as text: hexadecimal and base64 (RFC 4648), and UTF-8 checks. Pure.
#ifndef COUNTERSIGN_BASE_ENCODING_H_
#define COUNTERSIGN_BASE_ENCODING_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace countersign::base {

// Lower case.
std::string HexEncode(absl::string_view octets);
// Either case; INVALID_ARGUMENT names the first wrong character.
absl::StatusOr<std::string> HexDecode(absl::string_view text);

// Standard alphabet with padding, no line breaks.
std::string Base64Encode(absl::string_view octets);
// Strict: standard alphabet, padding required, no white space, no stray bits.
absl::StatusOr<std::string> Base64Decode(absl::string_view text);

// The alphabet for URLs, no padding (RFC 7515 2). Strict likewise.
std::string Base64UrlEncode(absl::string_view octets);
absl::StatusOr<std::string> Base64UrlDecode(absl::string_view text);

// True where `text` is well-formed UTF-8 (RFC 3629): no surrogates, no overlong
// forms.
bool IsValidUtf8(absl::string_view text);
// Octets of the longest well-formed beginning; where it ends is what is wrong.
size_t ValidUtf8Prefix(absl::string_view text);

// `text` made safe to show on a terminal or in a log: control characters,
// bidirectional overrides and broken UTF-8 become \xNN or \u{NNNN} escapes.
std::string EscapeForDisplay(absl::string_view text);

}  // namespace countersign::base

#endif  // COUNTERSIGN_BASE_ENCODING_H_
