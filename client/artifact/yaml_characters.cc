#include "client/artifact/yaml_characters.h"

#include <algorithm>
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

absl::Status CheckQuotedEdges(absl::string_view text, size_t begin,
                              size_t end) {
  const absl::string_view inner = text.substr(begin + 1, end - begin - 2);
  constexpr absl::string_view kWhite = " \t\r\n";
  const size_t first = inner.find_first_not_of(kWhite);
  const size_t last = inner.find_last_not_of(kWhite);
  const absl::string_view front = inner.substr(0, first);
  const absl::string_view back =
      last == absl::string_view::npos ? front : inner.substr(last + 1);
  for (const absl::string_view edge : {front, back}) {
    if (std::count(edge.begin(), edge.end(), '\n') > 1) {
      return TextError(text, begin, "YAML_UNSUPPORTED",
                       "a quoted text that begins or ends with an empty line; "
                       "write the line breaks as \\n");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckPlain(absl::string_view text, size_t offset,
                        absl::string_view value) {
  const absl::string_view rest = text.substr(offset);
  if (!absl::StartsWith(rest, value)) return absl::OkStatus();  // many lines
  const size_t colon =
      std::min(rest.find_first_not_of(" \t", value.size()), rest.size());
  const absl::string_view next = rest.substr(colon, 2);
  if (next.size() == 2 && next[0] == ':' &&
      absl::string_view(",[]{}").find(next[1]) != absl::string_view::npos) {
    return TextError(text, offset + colon, "YAML_UNSUPPORTED",
                     "a colon here must be followed by a blank");
  }
  return absl::OkStatus();
}

absl::Status CheckBlockScalar(absl::string_view text, size_t offset) {
  const size_t header_end = std::min(text.find('\n', offset), text.size());
  absl::string_view header = text.substr(offset, header_end - offset);
  header = header.substr(0, header.find('#'));
  if (header[0] == '>' && header.find('+') != absl::string_view::npos) {
    return TextError(text, offset, "YAML_UNSUPPORTED",
                     "the tools read >+ in different ways; write |+");
  }
  const size_t last_line = text.rfind('\n');
  if (last_line != absl::string_view::npos && last_line + 1 < text.size() &&
      text.find_first_not_of(" \t", last_line + 1) == absl::string_view::npos) {
    return TextError(text, last_line + 1, "YAML_UNSUPPORTED",
                     "a last line of blanks without a line end");
  }
  return absl::OkStatus();
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
