#include "base/encoding.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"

namespace countersign::base {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";
constexpr char kBase64Digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr char kBase64UrlDigits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// Value of each base64 character, -1 for all others.
constexpr std::array<int8_t, 256> MakeBase64Values(const char* digits) {
  std::array<int8_t, 256> values{};
  for (int8_t& value : values) value = -1;
  for (int i = 0; i < 64; ++i) {
    values[static_cast<unsigned char>(digits[i])] = static_cast<int8_t>(i);
  }
  return values;
}
constexpr std::array<int8_t, 256> kBase64Values =
    MakeBase64Values(kBase64Digits);
constexpr std::array<int8_t, 256> kBase64UrlValues =
    MakeBase64Values(kBase64UrlDigits);

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

absl::Status BadCharacter(absl::string_view what, absl::string_view text,
                          size_t at) {
  return absl::InvalidArgumentError(
      absl::StrCat("not ", what, ": character ", at + 1, " is \"",
                   EscapeForDisplay(text.substr(at, 1)), "\""));
}

std::string EncodeDigits(absl::string_view octets, const char* digits) {
  std::string text;
  text.reserve((octets.size() + 2) / 3 * 4);
  for (size_t i = 0; i < octets.size(); i += 3) {
    const size_t count = std::min<size_t>(3, octets.size() - i);
    uint32_t group = 0;
    for (size_t j = 0; j < 3; ++j) {
      group = group << 8 |
              (j < count ? static_cast<unsigned char>(octets[i + j]) : 0);
    }
    for (size_t j = 0; j <= count; ++j) {
      text.push_back(digits[group >> (18 - 6 * j) & 0x3f]);
    }
  }
  return text;
}

absl::StatusOr<std::string> DecodeDigits(absl::string_view text,
                                         const std::array<int8_t, 256>& values,
                                         absl::string_view what) {
  std::string octets;
  octets.reserve(text.size() / 4 * 3 + 2);
  uint32_t group = 0;
  int bits = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const int value = values[static_cast<unsigned char>(text[i])];
    if (value < 0) return BadCharacter(what, text, i);
    group = (group << 6 | static_cast<uint32_t>(value)) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      octets.push_back(static_cast<char>(group >> bits));
    }
  }
  // RFC 4648 3.5: one text for each value.
  if ((group & ((1u << bits) - 1)) != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("not ", what, ": stray bits at the end"));
  }
  return octets;
}

struct CodePoint {
  uint32_t value = 0;
  int size = 0;  // octets; 0 where the text is not well-formed here
};

// Table 3-7 of the Unicode standard, as RFC 3629 4 has it: the second octet's
// range excludes overlong forms, surrogates, and values over U+10FFFF.
CodePoint DecodeOne(absl::string_view text) {
  const auto octet = [&](size_t i) {
    return static_cast<unsigned char>(text[i]);
  };
  const unsigned lead = octet(0);
  if (lead < 0x80) return {lead, 1};
  const int size = lead < 0xc2   ? 0
                   : lead < 0xe0 ? 2
                   : lead < 0xf0 ? 3
                   : lead < 0xf5 ? 4
                                 : 0;
  if (size == 0 || text.size() < static_cast<size_t>(size)) return {};
  const unsigned low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const unsigned high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (octet(1) < low || octet(1) > high) return {};
  uint32_t value = lead & (0xff >> (size + 1));
  for (int i = 1; i < size; ++i) {
    if ((octet(i) & 0xc0) != 0x80) return {};
    value = value << 6 | (octet(i) & 0x3f);
  }
  return {value, size};
}

// Characters that move the cursor, reorder their neighbours or cannot be seen,
// so that what is shown would differ from what is there. Sorted.
struct Range {
  uint32_t first;
  uint32_t last;
};
constexpr Range kUnsafe[] = {
    {0x0000, 0x001f},    // C0, newline and tab too
    {0x007f, 0x009f},    // DEL and C1
    {0x00ad, 0x00ad},    // soft hyphen
    {0x061c, 0x061c},    // Arabic letter mark
    {0x180e, 0x180e},    // Mongolian vowel separator
    {0x200b, 0x200f},    // zero width, left-to-right and right-to-left marks
    {0x2028, 0x202e},    // line and paragraph separators, embeddings
    {0x2060, 0x206f},    // word joiner, isolates, deprecated formats
    {0xfeff, 0xfeff},    // byte order mark
    {0xfff9, 0xfffb},    // interlinear annotations
    {0xe0000, 0xe007f},  // tags
};

bool IsUnsafe(uint32_t c) {
  const Range* range = std::find_if(std::begin(kUnsafe), std::end(kUnsafe),
                                    [c](Range r) { return c <= r.last; });
  return range != std::end(kUnsafe) && c >= range->first;
}

}  // namespace

std::string HexEncode(absl::string_view octets) {
  std::string text;
  text.reserve(octets.size() * 2);
  for (const unsigned char c : octets) {
    text.push_back(kHexDigits[c >> 4]);
    text.push_back(kHexDigits[c & 0xf]);
  }
  return text;
}

absl::StatusOr<std::string> HexDecode(absl::string_view text) {
  std::string octets(text.size() / 2, '\0');
  for (size_t i = 0; i < text.size(); ++i) {
    const int value = HexValue(text[i]);
    if (value < 0) return BadCharacter("hexadecimal", text, i);
    // An odd last digit has no octet; it is refused below.
    if (i / 2 < octets.size()) {
      octets[i / 2] = static_cast<char>(octets[i / 2] << 4 | value);
    }
  }
  if (text.size() % 2 != 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "not hexadecimal: odd number of characters (", text.size(), ")"));
  }
  return octets;
}

std::string Base64Encode(absl::string_view octets) {
  std::string text = EncodeDigits(octets, kBase64Digits);
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

absl::StatusOr<std::string> Base64Decode(absl::string_view text) {
  size_t digits = text.size();
  while (digits > 0 && text.size() - digits < 2 && text[digits - 1] == '=') {
    --digits;
  }
  ASSIGN_OR_RETURN(std::string octets, DecodeDigits(text.substr(0, digits),
                                                    kBase64Values, "base64"));
  if (text.size() % 4 != 0) {
    return absl::InvalidArgumentError(
        "not base64: length with padding is not a multiple of 4");
  }
  return octets;
}

std::string Base64UrlEncode(absl::string_view octets) {
  return EncodeDigits(octets, kBase64UrlDigits);
}

absl::StatusOr<std::string> Base64UrlDecode(absl::string_view text) {
  // A last group of one digit has six bits: no octet.
  if (text.size() % 4 == 1) {
    return absl::InvalidArgumentError("not base64url: one character too many");
  }
  return DecodeDigits(text, kBase64UrlValues, "base64url");
}

size_t ValidUtf8Prefix(absl::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    // Nearly all text is ASCII: eight octets at a time.
    uint64_t eight = 0;
    while (at + sizeof(eight) <= text.size()) {
      std::memcpy(&eight, text.data() + at, sizeof(eight));
      if ((eight & 0x8080808080808080) != 0) break;
      at += sizeof(eight);
    }
    if (at == text.size()) break;
    const int size = DecodeOne(text.substr(at)).size;
    if (size == 0) break;
    at += size;
  }
  return at;
}

bool IsValidUtf8(absl::string_view text) {
  return ValidUtf8Prefix(text) == text.size();
}

std::string EscapeForDisplay(absl::string_view text) {
  std::string shown;
  shown.reserve(text.size());
  while (!text.empty()) {
    const CodePoint c = DecodeOne(text);
    const size_t size = std::max(c.size, 1);
    if (c.size == 0 || (c.size == 1 && IsUnsafe(c.value))) {
      absl::StrAppendFormat(&shown, "\\x%02x",
                            static_cast<unsigned char>(text[0]));
    } else if (IsUnsafe(c.value)) {
      absl::StrAppendFormat(&shown, "\\u{%04x}", c.value);
    } else {
      absl::StrAppend(&shown, text.substr(0, size));
    }
    text.remove_prefix(size);
  }
  return shown;
}

}  // namespace countersign::base
