// The parser of base/json.h: recursive descent, one level of recursion for each
// array or object, so never deeper than JsonLimits::max_depth.
#include <locale.h>
#include <stdlib.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <memory>
#include <numeric>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/status_macros.h"

namespace countersign::base {
namespace {

// What from_chars calls out of range is either too large or so small that it
// rounds to zero or near it; strtod tells which, in the C locale whatever the
// process has set.
double OutOfRangeValue(absl::string_view digits) {
  struct FreeLocale {
    void operator()(locale_t l) const { freelocale(l); }
  };
  const std::unique_ptr<std::remove_pointer_t<locale_t>, FreeLocale> c_locale(
      newlocale(LC_ALL_MASK, "C", nullptr));
  return strtod_l(std::string(digits).c_str(), nullptr, c_locale.get());
}

void AppendUtf8(uint32_t c, std::string& out) {
  if (c < 0x80) {
    out.push_back(static_cast<char>(c));
    return;
  }
  const int tail = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  const uint32_t lead = tail == 1 ? 0xc0 : tail == 2 ? 0xe0 : 0xf0;
  out.push_back(static_cast<char>(lead | c >> (6 * tail)));
  for (int i = tail - 1; i >= 0; --i) {
    out.push_back(static_cast<char>(0x80 | (c >> (6 * i) & 0x3f)));
  }
}

class Parser {
 public:
  Parser(absl::string_view text, const JsonLimits& limits)
      : text_(text), limits_(limits) {}

  absl::StatusOr<Json> Run() {
    if (text_.size() > limits_.max_bytes) {
      return absl::InvalidArgumentError(
          absl::StrCat("JSON text of ", text_.size(), " octets, ", "over ",
                       limits_.max_bytes));
    }
    if (const size_t valid = ValidUtf8Prefix(text_); valid < text_.size()) {
      return WrongAt(valid, "not UTF-8");
    }
    if (absl::StartsWith(text_, "\xef\xbb\xbf")) {
      return Wrong("byte order mark");  // RFC 8259 8.1
    }
    SkipBlanks();
    ASSIGN_OR_RETURN(Json value, Value(0));
    SkipBlanks();
    if (!AtEnd()) return Wrong("something after the value");
    return value;
  }

 private:
  bool AtEnd() const { return at_ >= text_.size(); }
  char Peek() const { return AtEnd() ? '\0' : text_[at_]; }
  bool PeekDigit() const { return !AtEnd() && absl::ascii_isdigit(text_[at_]); }
  // Takes `c` where it is next.
  bool Take(char c) {
    if (AtEnd() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void SkipBlanks() {
    while (Take(' ') || Take('\n') || Take('\r') || Take('\t')) {
    }
  }

  // Lines and columns count from 1; a column is an octet, not a character.
  absl::Status WrongAt(size_t at, absl::string_view what) const {
    const absl::string_view before = text_.substr(0, at);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const size_t newline = before.rfind('\n');
    const size_t column =
        newline == absl::string_view::npos ? at + 1 : at - newline;
    return absl::InvalidArgumentError(
        absl::StrCat("JSON, line ", line, ", column ", column, ": ", what));
  }
  absl::Status Wrong(absl::string_view what) const {
    return WrongAt(at_, AtEnd() ? "text ends too early" : what);
  }

  // `depth` is the number of arrays and objects around this value.
  absl::StatusOr<Json> Value(int depth) {
    switch (Peek()) {
      case '{':
      case '[':
        if (depth >= limits_.max_depth) {
          return Wrong(absl::StrCat("nested deeper than ", limits_.max_depth));
        }
        if (Take('{')) return ObjectValue(depth + 1);
        Take('[');
        return ArrayValue(depth + 1);
      case '"': {
        ASSIGN_OR_RETURN(std::string string, String());
        return Json(std::move(string));
      }
      case 't':
        return Word("true", Json(true));
      case 'f':
        return Word("false", Json(false));
      case 'n':
        return Word("null", Json());
      default:
        return Number();
    }
  }

  absl::StatusOr<Json> Word(absl::string_view word, Json value) {
    if (!absl::StartsWith(text_.substr(at_), word)) {
      return Wrong("not a value");
    }
    at_ += word.size();
    return value;
  }

  absl::StatusOr<Json> ArrayValue(int depth) {
    Json::Array array;
    SkipBlanks();
    if (Take(']')) return Json(std::move(array));
    while (true) {
      SkipBlanks();
      ASSIGN_OR_RETURN(Json element, Value(depth));
      array.push_back(std::move(element));
      SkipBlanks();
      if (Take(']')) return Json(std::move(array));
      if (!Take(',')) return Wrong("neither \",\" nor \"]\"");
    }
  }

  absl::StatusOr<Json> ObjectValue(int depth) {
    Json::Object object;
    std::vector<size_t> starts;  // where each key begins
    SkipBlanks();
    if (Take('}')) return Json(std::move(object));
    while (true) {
      SkipBlanks();
      starts.push_back(at_);
      if (Peek() != '"') return Wrong("not a key in quotes");
      ASSIGN_OR_RETURN(std::string key, String());
      SkipBlanks();
      if (!Take(':')) return Wrong("no \":\" after a key");
      SkipBlanks();
      ASSIGN_OR_RETURN(Json value, Value(depth));
      object.emplace_back(std::move(key), std::move(value));
      SkipBlanks();
      if (Take('}')) break;
      if (!Take(',')) return Wrong("neither \",\" nor \"}\"");
    }
    RETURN_IF_ERROR(RefuseDuplicates(object, starts));
    return Json(std::move(object));
  }

  // Sorts, so that an object of a million keys costs no trillion comparisons.
  absl::Status RefuseDuplicates(const Json::Object& object,
                                const std::vector<size_t>& starts) const {
    std::vector<size_t> order(object.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
      const int compared = object[a].first.compare(object[b].first);
      return compared != 0 ? compared < 0 : a < b;
    });
    const auto duplicate = std::adjacent_find(
        order.begin(), order.end(),
        [&](size_t a, size_t b) { return object[a].first == object[b].first; });
    if (duplicate == order.end()) return absl::OkStatus();
    const size_t second = *(duplicate + 1);
    return WrongAt(starts[second],
                   absl::StrCat("key occurs twice: \"",
                                EscapeForDisplay(object[second].first), "\""));
  }

  absl::StatusOr<std::string> String() {
    Take('"');
    std::string string;
    while (true) {
      const size_t start = at_;
      while (!AtEnd() && text_[at_] != '"' && text_[at_] != '\\' &&
             static_cast<unsigned char>(text_[at_]) >= 0x20) {
        ++at_;
      }
      absl::StrAppend(&string, text_.substr(start, at_ - start));
      if (Take('"')) return string;
      if (!Take('\\')) return Wrong("control character in a string");
      RETURN_IF_ERROR(Escape(string));
    }
  }

  // What follows a backslash.
  absl::Status Escape(std::string& string) {
    static constexpr absl::string_view kLetters = "\"\\/bfnrt";
    static constexpr absl::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const size_t start = at_ - 1;
    if (AtEnd()) return Wrong("");
    const size_t letter = kLetters.find(text_[at_]);
    if (letter != absl::string_view::npos) {
      ++at_;
      string.push_back(kMeanings[letter]);
      return absl::OkStatus();
    }
    if (!Take('u')) return WrongAt(start, "unknown escape");
    ASSIGN_OR_RETURN(uint32_t c, HexUnit());
    if (c >= 0xd800 && c < 0xdc00 && Take('\\')) {
      if (!Take('u')) return WrongAt(start, "half a surrogate pair");
      ASSIGN_OR_RETURN(const uint32_t low, HexUnit());
      if (low < 0xdc00 || low > 0xdfff) {
        return WrongAt(start, "half a surrogate pair");
      }
      c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    }
    if (c >= 0xd800 && c <= 0xdfff) {
      return WrongAt(start, "half a surrogate pair");
    }
    AppendUtf8(c, string);
    return absl::OkStatus();
  }

  // Four hexadecimal digits.
  absl::StatusOr<uint32_t> HexUnit() {
    uint32_t unit = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      if (!absl::ascii_isxdigit(Peek())) return Wrong("not four digits of \\u");
      const char c = absl::ascii_tolower(text_[at_]);
      unit =
          unit << 4 | static_cast<uint32_t>(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return unit;
  }

  // RFC 8259 6: no "+", no leading zero, digits on both sides of the point.
  absl::StatusOr<Json> Number() {
    const size_t start = at_;
    Take('-');
    if (!PeekDigit()) {
      return Wrong(at_ == start ? "not a value" : "no digit after \"-\"");
    }
    if (!Take('0')) SkipDigits();
    if (PeekDigit()) return WrongAt(start, "number with a leading zero");
    if (Take('.')) {
      if (!PeekDigit()) return Wrong("no digit after the point");
      SkipDigits();
    }
    if (Take('e') || Take('E')) {
      if (!Take('+')) Take('-');
      if (!PeekDigit()) return Wrong("no digit in the exponent");
      SkipDigits();
    }
    const absl::string_view digits = text_.substr(start, at_ - start);
    double value = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error == std::errc::result_out_of_range) {
      value = OutOfRangeValue(digits);
    }
    if (!std::isfinite(value)) return WrongAt(start, "number is too large");
    return Json(value);
  }

  void SkipDigits() {
    while (PeekDigit()) ++at_;
  }

  const absl::string_view text_;
  const JsonLimits limits_;
  size_t at_ = 0;
};

}  // namespace

absl::StatusOr<Json> ParseJson(absl::string_view text,
                               const JsonLimits& limits) {
  return Parser(text, limits).Run();
}

}  // namespace countersign::base
