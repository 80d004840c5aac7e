// JSON values, a strict parser with bounds, and two writers: pretty for people
// and RFC 8785 (JCS) for bytes that are hashed. Pure.
#ifndef COUNTERSIGN_BASE_JSON_H_
#define COUNTERSIGN_BASE_JSON_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace countersign::base {

// A regular value. Members of an object keep their order; writers that sort do
// so themselves. Numbers are IEEE 754 doubles, as in JavaScript.
class Json {
 public:
  using Array = std::vector<Json>;
  using Member = std::pair<std::string, Json>;
  using Object = std::vector<Member>;

  Json() = default;  // null
  Json(std::nullptr_t) {}
  Json(bool value) : value_(value) {}
  Json(double value) : value_(value) {}
  Json(int value) : value_(static_cast<double>(value)) {}
  Json(int64_t value) : value_(static_cast<double>(value)) {}
  Json(uint64_t value) : value_(static_cast<double>(value)) {}
  Json(std::string value) : value_(std::move(value)) {}
  Json(const char* value) : value_(std::string(value)) {}
  Json(absl::string_view value) : value_(std::string(value)) {}
  Json(Array value) : value_(std::move(value)) {}
  Json(Object value) : value_(std::move(value)) {}

  bool is_null() const {
    return std::holds_alternative<std::monostate>(value_);
  }
  bool is_bool() const { return std::holds_alternative<bool>(value_); }
  bool is_number() const { return std::holds_alternative<double>(value_); }
  bool is_string() const { return std::holds_alternative<std::string>(value_); }
  bool is_array() const { return std::holds_alternative<Array>(value_); }
  bool is_object() const { return std::holds_alternative<Object>(value_); }

  // Each needs the right kind (std::get: ends the process otherwise).
  bool bool_value() const { return std::get<bool>(value_); }
  double number() const { return std::get<double>(value_); }
  const std::string& string() const { return std::get<std::string>(value_); }
  std::string& string() { return std::get<std::string>(value_); }
  const Array& array() const { return std::get<Array>(value_); }
  Array& array() { return std::get<Array>(value_); }
  const Object& object() const { return std::get<Object>(value_); }
  Object& object() { return std::get<Object>(value_); }

  // The member of that name, or nullptr; nullptr too where this is no object.
  const Json* Find(absl::string_view key) const;
  Json* Find(absl::string_view key);
  // Replaces or appends a member; this must be an object.
  void Set(absl::string_view key, Json value);
  // Removes a member where it is there; this must be an object.
  void Erase(absl::string_view key);

  // Equal kinds and values; the order of members counts.
  bool operator==(const Json& o) const { return value_ == o.value_; }
  bool operator!=(const Json& o) const { return !(*this == o); }

 private:
  std::variant<std::monostate, bool, double, std::string, Array, Object> value_;
};

struct JsonLimits {
  size_t max_bytes = 16 << 20;
  int max_depth = 64;
};

// Strict RFC 8259: UTF-8 only, no duplicate keys, nothing after the value.
// INVALID_ARGUMENT names line and column.
absl::StatusOr<Json> ParseJson(absl::string_view text,
                               const JsonLimits& limits = {});

// RFC 8785: keys sorted by UTF-16 code units, ES6 numbers, minimal escapes.
// Numbers must be finite and strings valid UTF-8 (INVALID_ARGUMENT).
absl::StatusOr<std::string> CanonicalJson(const Json& value);

// One number as ECMAScript's Number::toString writes it; `value` is finite.
std::string FormatEs6Number(double value);

// Members in their own order, indented by two blanks, raw UTF-8 and bare "/".
std::string PrettyJson(const Json& value);
// The same on one line, without blanks.
std::string CompactJson(const Json& value);

}  // namespace countersign::base

#endif  // COUNTERSIGN_BASE_JSON_H_
