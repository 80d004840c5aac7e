#include "client/artifact/yaml_characters.h"

#include <cstdint>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/encoding.h"
#include "client/artifact/text_position.h"

namespace countersign::client {
namespace {

struct CodePoint {
  uint32_t value;
  size_t size;  // octets
};

// `text` is well-formed UTF-8.
CodePoint Decode(absl::string_view text, size_t i) {
  const unsigned char c = text[i];
  if (c < 0x80) return {c, 1};
  const size_t size = c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
  uint32_t value = c & (0xFF >> (size + 1));
  for (size_t k = 1; k < size; ++k) {
    value = value << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3F);
  }
  return {value, size};
}

bool IsAllowed(uint32_t c) {
  return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0x7E) ||
         (c >= 0xA0 && c <= 0xFFFD && c != 0xFEFF) || c >= 0x10000;
}

bool IsBlankOrBreakAt(absl::string_view text, size_t i) {
  const absl::string_view rest = text.substr(i);
  return absl::StartsWith(rest, " ") || absl::StartsWith(rest, "\t") ||
         absl::StartsWith(rest, "\n") || absl::StartsWith(rest, "\r") ||
         absl::StartsWith(rest, "\xE2\x80\xA8") ||
         absl::StartsWith(rest, "\xE2\x80\xA9");
}

absl::Status EscapeError(absl::string_view text, size_t offset, char escape) {
  if (escape == '/') {
    return TextError(text, offset, "YAML_UNSUPPORTED",
                     "the escape \\/ is refused by both OCM tools; write a "
                     "bare /");
  }
  return TextError(text, offset, "YAML_UNSUPPORTED",
                   absl::StrCat("the escape \\", std::string(1, escape),
                                " is not supported; write \\u0085 or \\u00a0"));
}

}  // namespace

absl::StatusOr<std::vector<size_t>> CheckYamlCharacters(
    absl::string_view text) {
  if (!base::IsValidUtf8(text)) {
    // Finds the place: the longest prefix that is well-formed.
    size_t good = 0;
    while (good < text.size()) {
      size_t size = 1;
      while (size <= 4 && !base::IsValidUtf8(text.substr(good, size))) ++size;
      if (size > 4) break;
      good += size;
    }
    return TextError(text, good, "YAML_SYNTAX", "the text is not valid UTF-8");
  }
  std::vector<size_t> breaks;
  for (size_t i = 0; i < text.size();) {
    const CodePoint c = Decode(text, i);
    if (!IsAllowed(c.value)) {
      return TextError(text, i, "YAML_SYNTAX",
                       absl::StrFormat("character U+%04X is not allowed in "
                                       "YAML; write it as an escape in double "
                                       "quotes",
                                       c.value));
    }
    if (c.value == '\r' && text.substr(i + 1, 1) != "\n") {
      return TextError(text, i, "YAML_SYNTAX",
                       "a carriage return without a line feed");
    }
    if (c.value == 0x2028 || c.value == 0x2029) breaks.push_back(i);
    i += c.size;
  }
  return breaks;
}

absl::Status CheckBreakNeighbours(absl::string_view text, size_t offset) {
  const bool before =
      (offset >= 1 && IsBlankOrBreakAt(text.substr(0, offset), offset - 1)) ||
      (offset >= 3 && IsBlankOrBreakAt(text.substr(0, offset), offset - 3) &&
       static_cast<unsigned char>(text[offset - 3]) == 0xE2);
  if (before || IsBlankOrBreakAt(text, offset + 3)) {
    return TextError(text, offset, "YAML_UNSUPPORTED",
                     "U+2028 or U+2029 beside a blank or a line break; write "
                     "it as \\u2028 or \\u2029");
  }
  return absl::OkStatus();
}

absl::StatusOr<size_t> EndOfQuoted(absl::string_view text, size_t offset) {
  const char quote = text[offset];
  for (size_t i = offset + 1; i < text.size(); ++i) {
    if (quote == '\'' && text[i] == '\'') {
      if (text.substr(i + 1, 1) != "'") return i + 1;
      ++i;
    } else if (quote == '"' && text[i] == '"') {
      return i + 1;
    } else if (quote == '"' && text[i] == '\\') {
      ++i;
      const absl::string_view escape = text.substr(i, 1);
      if (escape == "/" || escape == "N" || escape == "_") {
        return EscapeError(text, i - 1, escape[0]);
      }
    }
  }
  return TextError(text, offset, "YAML_SYNTAX", "the quote is never closed");
}

absl::Status CheckNoDirectives(absl::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const size_t end = std::min(text.find('\n', i), text.size());
    const absl::string_view line = text.substr(i, end - i);
    if (absl::StartsWith(line, "%")) {
      return TextError(text, i, "YAML_UNSUPPORTED",
                       "YAML directives are not supported");
    }
    const size_t first = line.find_first_not_of(" \t\r");
    if (first != absl::string_view::npos && line[first] != '#') break;
    i = end + 1;
  }
  return absl::OkStatus();
}

}  // namespace countersign::client
