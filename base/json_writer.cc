// The writers of base/json.h. They recurse as deep as the value is nested; what
// ParseJson made is bounded by JsonLimits::max_depth.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/status_macros.h"

namespace countersign::base {
namespace {

constexpr char kReplacement[] = "\xef\xbf\xbd";  // U+FFFD

// Written as it is: neither a control character nor one of the two that have to
// be escaped.
bool IsPlain(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
}

// `text` in quotes with the escapes of RFC 8785 3.2.2.2: two-letter forms where
// there are any, \u00xx for other control characters, all else bare. An octet
// that is not UTF-8 becomes U+FFFD, so that what is written is always JSON.
void AppendString(absl::string_view text, std::string& out) {
  static constexpr absl::string_view kEscaped = "\"\\\b\f\n\r\t";
  static constexpr absl::string_view kLetters = "\"\\bfnrt";
  out.push_back('"');
  while (!text.empty()) {
    const size_t valid = ValidUtf8Prefix(text);
    size_t plain = 0;  // up to here nothing has to be escaped
    while (plain < valid && IsPlain(text[plain])) ++plain;
    out.append(text.data(), plain);
    for (const char c : text.substr(plain, valid - plain)) {
      if (IsPlain(c)) {
        out.push_back(c);
        continue;
      }
      const size_t letter = kEscaped.find(c);
      if (letter != absl::string_view::npos) {
        out.push_back('\\');
        out.push_back(kLetters[letter]);
      } else {
        absl::StrAppendFormat(&out, "\\u%04x", static_cast<unsigned>(c));
      }
    }
    text.remove_prefix(valid);
    if (text.empty()) break;
    absl::StrAppend(&out, kReplacement);
    text.remove_prefix(1);
  }
  out.push_back('"');
}

void AppendScalar(const Json& value, std::string& out) {
  if (value.is_null()) {
    absl::StrAppend(&out, "null");
  } else if (value.is_bool()) {
    absl::StrAppend(&out, value.bool_value() ? "true" : "false");
  } else if (value.is_number()) {
    absl::StrAppend(&out, FormatEs6Number(value.number()));
  } else {
    AppendString(value.string(), out);
  }
}

// UTF-16 order of two UTF-8 texts (RFC 8785 3.2.3). It is the order of octets,
// but for characters from U+10000 (lead F0 to F4): their surrogates D800 to
// DFFF come before U+E000 to U+FFFF (lead EE and EF).
bool LessByUtf16(absl::string_view a, absl::string_view b) {
  const auto [x, y] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (x == a.end() || y == b.end()) return x == a.end() && y != b.end();
  const auto rank = [](unsigned char c) {
    return c == 0xee || c == 0xef ? c + 0x100 : int{c};
  };
  return rank(static_cast<unsigned char>(*x)) <
         rank(static_cast<unsigned char>(*y));
}

bool LessMember(const Json::Member& a, const Json::Member& b) {
  return LessByUtf16(a.first, b.first);
}

absl::Status AppendCanonical(const Json& value, std::string& out) {
  if (value.is_array()) {
    out.push_back('[');
    const char* separator = "";
    for (const Json& element : value.array()) {
      absl::StrAppend(&out, separator);
      RETURN_IF_ERROR(AppendCanonical(element, out));
      separator = ",";
    }
    out.push_back(']');
    return absl::OkStatus();
  }
  if (value.is_object()) {
    const Json::Object& object = value.object();
    // Those who write much write in order; then nothing has to be sorted.
    const bool in_order =
        std::is_sorted(object.begin(), object.end(), LessMember);
    std::vector<const Json::Member*> members;
    if (!in_order) {
      members.reserve(object.size());
      for (const Json::Member& m : object) members.push_back(&m);
      std::sort(members.begin(), members.end(),
                [](const Json::Member* a, const Json::Member* b) {
                  return LessMember(*a, *b);
                });
    }
    out.push_back('{');
    const Json::Member* last = nullptr;
    for (size_t i = 0; i < object.size(); ++i) {
      const Json::Member* m = in_order ? &object[i] : members[i];
      if (!IsValidUtf8(m->first)) {
        return absl::InvalidArgumentError("JSON key is not UTF-8");
      }
      if (last != nullptr && last->first == m->first) {
        return absl::InvalidArgumentError(absl::StrCat(
            "JSON key occurs twice: \"", EscapeForDisplay(m->first), "\""));
      }
      if (last != nullptr) out.push_back(',');
      AppendString(m->first, out);
      out.push_back(':');
      RETURN_IF_ERROR(AppendCanonical(m->second, out));
      last = m;
    }
    out.push_back('}');
    return absl::OkStatus();
  }
  if (value.is_number() && !std::isfinite(value.number())) {
    return absl::InvalidArgumentError("JSON number is not finite");
  }
  if (value.is_string() && !IsValidUtf8(value.string())) {
    return absl::InvalidArgumentError("JSON string is not UTF-8");
  }
  AppendScalar(value, out);
  return absl::OkStatus();
}

// The layout of PrettyJson and CompactJson: `indent` blanks for each level on
// lines of their own, or all on one line where it is 0.
class Writer {
 public:
  explicit Writer(int indent) : indent_(indent) {}

  std::string Write(const Json& value) {
    Append(value, 0);
    return std::move(out_);
  }

 private:
  void Append(const Json& value, int depth) {
    if (value.is_array()) {
      Items(value.array(), '[', ']', depth,
            [&](const Json& element) { Append(element, depth + 1); });
    } else if (value.is_object()) {
      Items(value.object(), '{', '}', depth, [&](const Json::Member& member) {
        AppendString(member.first, out_);
        absl::StrAppend(&out_, indent_ > 0 ? ": " : ":");
        Append(member.second, depth + 1);
      });
    } else {
      AppendScalar(value, out_);
    }
  }

  template <typename Container, typename AppendItem>
  void Items(const Container& items, char open, char close, int depth,
             AppendItem append_item) {
    out_.push_back(open);
    bool first = true;
    for (const auto& item : items) {
      if (!first) out_.push_back(',');
      first = false;
      NewLine(depth + 1);
      append_item(item);
    }
    if (!first) NewLine(depth);
    out_.push_back(close);
  }

  void NewLine(int depth) {
    if (indent_ == 0) return;
    out_.push_back('\n');
    out_.append(static_cast<size_t>(depth * indent_), ' ');
  }

  const int indent_;
  std::string out_;
};

}  // namespace

// ECMAScript 2023 6.1.6.1.20 Number::toString: to_chars gives its shortest
// digits s and exponent n, this lays them out.
std::string FormatEs6Number(double value) {
  if (!std::isfinite(value)) return "null";  // as JSON.stringify does
  if (value == 0) return "0";                // also -0
  char buffer[32];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof(buffer),
                                          value, std::chars_format::scientific);
  absl::string_view text(buffer, end - buffer);
  std::string out;
  if (text[0] == '-') {
    out.push_back('-');
    text.remove_prefix(1);
  }
  const size_t e = text.find('e');
  std::string digits(text.substr(0, e));
  if (digits.size() > 1) digits.erase(1, 1);  // the point
  const int k = static_cast<int>(digits.size());
  int exponent = 0;
  const char* exponent_begin = text.data() + e + (text[e + 1] == '+' ? 2 : 1);
  std::from_chars(exponent_begin, end, exponent);
  const int n = exponent + 1;
  if (k <= n && n <= 21) {
    absl::StrAppend(&out, digits, std::string(n - k, '0'));
  } else if (0 < n && n <= 21) {
    absl::StrAppend(&out, digits.substr(0, n), ".", digits.substr(n));
  } else if (-6 < n && n <= 0) {
    absl::StrAppend(&out, "0.", std::string(-n, '0'), digits);
  } else {
    absl::StrAppend(&out, digits.substr(0, 1), k > 1 ? "." : "",
                    digits.substr(1), exponent < 0 ? "e-" : "e+",
                    std::abs(exponent));
  }
  return out;
}

absl::StatusOr<std::string> CanonicalJson(const Json& value) {
  std::string out;
  RETURN_IF_ERROR(AppendCanonical(value, out));
  return out;
}

std::string PrettyJson(const Json& value) { return Writer(2).Write(value); }

std::string CompactJson(const Json& value) { return Writer(0).Write(value); }

}  // namespace countersign::base
