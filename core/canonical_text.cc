#include "core/canonical_text.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace countersign::core {
namespace {

using Member = std::map<std::string, std::string>::value_type;

void AppendEscape(char c, std::string& out) {
  static constexpr absl::string_view kEscaped = "\"\\\b\f\n\r\t";
  static constexpr absl::string_view kLetters = "\"\\bfnrt";
  static constexpr absl::string_view kHex = "0123456789abcdef";
  out.push_back('\\');
  const size_t letter = kEscaped.find(c);
  if (letter != absl::string_view::npos) {
    out.push_back(kLetters[letter]);
    return;
  }
  out.append("u00");
  out.push_back(kHex[static_cast<unsigned char>(c) >> 4]);
  out.push_back(kHex[static_cast<unsigned char>(c) & 15]);
}

// UTF-16 order of two UTF-8 texts is the order of their octets, but for
// characters from U+10000 (lead F0 to F4): their surrogates come before U+E000
// to U+FFFF (lead EE and EF).
bool LessByUtf16(const Member* a, const Member* b) {
  const auto [x, y] = std::mismatch(a->first.begin(), a->first.end(),
                                    b->first.begin(), b->first.end());
  if (x == a->first.end() || y == b->first.end()) {
    return x == a->first.end() && y != b->first.end();
  }
  const auto rank = [](unsigned char c) {
    return c == 0xee || c == 0xef ? c + 0x100 : int{c};
  };
  return rank(static_cast<unsigned char>(*x)) <
         rank(static_cast<unsigned char>(*y));
}

}  // namespace

void AppendString(absl::string_view text, std::string& out) {
  out.push_back('"');
  size_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\') {
      continue;
    }
    out.append(text.data() + begin, i - begin);
    AppendEscape(c, out);
    begin = i + 1;
  }
  out.append(text.data() + begin, text.size() - begin);
  out.push_back('"');
}

void AppendStrings(const std::set<std::string>& texts, std::string& out) {
  out.push_back('[');
  for (const std::string& text : texts) {
    if (out.back() != '[') out.push_back(',');
    AppendString(text, out);
  }
  out.push_back(']');
}

void AppendMap(const std::map<std::string, std::string>& map,
               std::string& out) {
  std::vector<const Member*> members;
  members.reserve(map.size());
  for (const Member& member : map) members.push_back(&member);
  std::sort(members.begin(), members.end(), LessByUtf16);
  out.push_back('{');
  for (const Member* member : members) {
    if (member != members.front()) out.push_back(',');
    AppendString(member->first, out);
    out.push_back(':');
    AppendString(member->second, out);
  }
  out.push_back('}');
}

}  // namespace countersign::core
