#include "client/artifact/yaml_scalar.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"

namespace countersign::client {
namespace {

struct Word {
  const char* text;
  bool value;
};

constexpr Word kBooleans[] = {
    {"y", true},      {"Y", true},      {"yes", true},    {"Yes", true},
    {"YES", true},    {"true", true},   {"True", true},   {"TRUE", true},
    {"on", true},     {"On", true},     {"ON", true},     {"n", false},
    {"N", false},     {"no", false},    {"No", false},    {"NO", false},
    {"false", false}, {"False", false}, {"FALSE", false}, {"off", false},
    {"Off", false},   {"OFF", false},
};

constexpr const char* kNulls[] = {"", "~", "null", "Null", "NULL"};

constexpr const char* kNotFinite[] = {
    ".nan",  ".NaN",  ".NAN",  ".inf",  ".Inf",  ".INF",
    "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF",
};

// An unsigned magnitude that fits 64 bits, or nothing: Go's ParseUint.
std::optional<uint64_t> ParseMagnitude(absl::string_view digits, int base) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(
      digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    return std::nullopt;
  }
  return value;
}

struct Integer {
  bool negative;
  uint64_t magnitude;
};

// Go's ParseInt(text, base 0, 64), then ParseUint(text, 0, 64), then binary
// behind "0b" with a sign of its own. `text` has no underscores.
std::optional<Integer> ParseInteger(absl::string_view text) {
  absl::string_view digits = text;
  const bool sign =
      absl::StartsWith(digits, "+") || absl::StartsWith(digits, "-");
  const bool negative = absl::StartsWith(digits, "-");
  if (sign) digits.remove_prefix(1);
  int base = 10;
  if (digits.size() > 1 && digits[0] == '0') {
    const char kind = digits[1] | 0x20;  // lower case
    base = kind == 'x' ? 16 : kind == 'b' ? 2 : 8;
    digits.remove_prefix(kind == 'x' || kind == 'b' || kind == 'o' ? 2 : 1);
  }
  const std::optional<uint64_t> magnitude = ParseMagnitude(digits, base);
  if (magnitude.has_value()) {
    constexpr uint64_t kMax = std::numeric_limits<int64_t>::max();
    if (*magnitude <= kMax + (negative ? 1 : 0)) {
      return Integer{negative, *magnitude};
    }
    if (!sign) return Integer{false, *magnitude};
    return std::nullopt;
  }
  if (absl::StartsWith(text, "0b-") || absl::StartsWith(text, "0b+")) {
    const std::optional<uint64_t> rest = ParseMagnitude(text.substr(3), 2);
    if (rest.has_value() && (*rest >> 63) == 0) {
      return Integer{text[2] == '-', *rest};
    }
  }
  return std::nullopt;
}

size_t SkipDigits(absl::string_view text, size_t i) {
  while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
  return i;
}

// ^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$
bool IsYamlFloat(absl::string_view text) {
  size_t i = !text.empty() && (text[0] == '+' || text[0] == '-') ? 1 : 0;
  const size_t whole = SkipDigits(text, i);
  const bool has_whole = whole > i;
  i = whole;
  if (i < text.size() && text[i] == '.') {
    const size_t fraction = SkipDigits(text, i + 1);
    if (!has_whole && fraction == i + 1) return false;
    i = fraction;
  } else if (!has_whole) {
    return false;
  }
  if (i == text.size()) return true;
  if (text[i] != 'e' && text[i] != 'E') return false;
  ++i;
  if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
  const size_t end = SkipDigits(text, i);
  return end > i && end == text.size();
}

bool UnderscoresAreBetweenDigits(absl::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') continue;
    if (i == 0 || !absl::ascii_isdigit(text[i - 1]) || i + 1 == text.size() ||
        !absl::ascii_isdigit(text[i + 1])) {
      return false;
    }
  }
  return true;
}

struct Null {};
struct NotFinite {};
using Resolved =
    std::variant<Null, bool, Integer, double, NotFinite, std::string>;

Resolved Resolve(absl::string_view text) {
  for (const char* word : kNulls) {
    if (text == word) return Null{};
  }
  for (const Word& word : kBooleans) {
    if (text == word.text) return word.value;
  }
  for (const char* word : kNotFinite) {
    if (text == word) return NotFinite{};
  }
  const char first = text[0];
  const bool digit_or_sign =
      (first >= '0' && first <= '9') || first == '+' || first == '-';
  if (!digit_or_sign && first != '.') return std::string(text);
  // Behind a digit or a sign underscores may stand anywhere; behind a dot Go's
  // ParseFloat takes them between digits only.
  if (first == '.' && !UnderscoresAreBetweenDigits(text)) {
    return std::string(text);
  }
  const std::string plain = absl::StrReplaceAll(text, {{"_", ""}});
  if (digit_or_sign) {
    const std::optional<Integer> integer = ParseInteger(plain);
    if (integer.has_value()) return *integer;
  }
  double number = 0;
  if (IsYamlFloat(plain) && absl::SimpleAtod(plain, &number) &&
      std::isfinite(number)) {
    return number;
  }
  return std::string(text);  // also 1e999, which Go leaves a string
}

double AsDouble(const Integer& integer) {
  const double magnitude = static_cast<double>(integer.magnitude);
  // -0 is the integer 0, without a sign.
  return integer.negative && integer.magnitude != 0 ? -magnitude : magnitude;
}

// Go's strconv.FormatFloat(value, 'g', -1, 32).
std::string FormatFloat32(double value) {
  char buffer[64];
  const float f = static_cast<float>(value);
  const auto scientific = std::to_chars(buffer, buffer + sizeof(buffer), f,
                                        std::chars_format::scientific);
  const absl::string_view text(buffer, scientific.ptr - buffer);
  int exponent = 0;
  const size_t e = text.find('e');
  const absl::string_view digits = text.substr(e + 1);
  if (!absl::SimpleAtoi(digits, &exponent)) return std::string(text);
  if (exponent < -4 || exponent >= 6) return std::string(text);
  const auto fixed = std::to_chars(buffer, buffer + sizeof(buffer), f,
                                   std::chars_format::fixed);
  return std::string(buffer, fixed.ptr - buffer);
}

absl::Status KeyError(absl::string_view what) {
  return BadInput("YAML_UNSUPPORTED",
                  absl::StrCat("a key must not be ", what, "; quote it"));
}

}  // namespace

absl::StatusOr<base::Json> ResolvePlainScalar(absl::string_view text) {
  const Resolved resolved = Resolve(text);
  if (std::holds_alternative<NotFinite>(resolved)) {
    return BadInput("YAML_UNSUPPORTED",
                    absl::StrCat(text, " is a number that JSON cannot hold"));
  }
  if (const auto* value = std::get_if<bool>(&resolved))
    return base::Json(*value);
  if (const auto* value = std::get_if<Integer>(&resolved)) {
    return base::Json(AsDouble(*value));
  }
  if (const auto* value = std::get_if<double>(&resolved)) {
    return base::Json(*value);
  }
  if (const auto* value = std::get_if<std::string>(&resolved)) {
    return base::Json(*value);
  }
  return base::Json();
}

absl::StatusOr<std::string> PlainScalarAsKey(absl::string_view text) {
  const Resolved resolved = Resolve(text);
  if (const auto* value = std::get_if<bool>(&resolved)) {
    return std::string(*value ? "true" : "false");
  }
  if (const auto* value = std::get_if<Integer>(&resolved)) {
    if (!value->negative && (value->magnitude >> 63) != 0) {
      return KeyError("an integer beyond 64 bits");
    }
    const bool minus = value->negative && value->magnitude != 0;
    return absl::StrCat(minus ? "-" : "", value->magnitude);
  }
  if (const auto* value = std::get_if<double>(&resolved)) {
    if (!std::isfinite(static_cast<float>(*value))) return KeyError("infinite");
    return FormatFloat32(*value);
  }
  if (const auto* value = std::get_if<std::string>(&resolved)) return *value;
  return KeyError(std::holds_alternative<Null>(resolved) ? "null" : "infinite");
}

}  // namespace countersign::client
