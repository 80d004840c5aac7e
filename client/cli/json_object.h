// Typed reading of one JSON object of a product file. What is wrong is
// gathered, not returned, so that all mistakes are told at once. Pure.
#ifndef COUNTERSIGN_CLIENT_CLI_JSON_OBJECT_H_
#define COUNTERSIGN_CLIENT_CLI_JSON_OBJECT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/error.h"
#include "base/json.h"

namespace countersign::client {

using Violations = std::vector<base::FieldViolation>;

// Borrows the value and the violations; both must outlive it.
class JsonObject {
 public:
  // `known`: the fields that may stand here; any other is a violation that
  // names the nearest of them. So is a `value` that is no object.
  JsonObject(const base::Json& value, std::string path,
             const std::vector<std::string>& known, Violations& violations);

  const std::string& path() const { return path_; }
  std::string PathOf(absl::string_view field) const;
  void Wrong(absl::string_view field, absl::string_view text);

  // Nullptr where it is absent or null.
  const base::Json* Find(absl::string_view field) const;
  std::string Text(absl::string_view field);
  // A violation where it is absent or empty.
  std::string NeededText(absl::string_view field);
  bool Bool(absl::string_view field, bool otherwise);
  // Whole numbers from 0 to 1000.
  int Count(absl::string_view field);
  // Whole numbers from 0 to 2^53 - 1, beyond which JSON numbers are not exact.
  int64_t LargeCount(absl::string_view field);
  std::vector<std::string> Texts(absl::string_view field);
  // The elements; empty where it is absent.
  const base::Json::Array& Array(absl::string_view field);

 private:
  int64_t WholeNumber(absl::string_view field, int64_t most);

  const base::Json& value_;
  std::string path_;
  Violations& violations_;
};

// The one of `known` that `word` was probably meant to be; empty where none is
// near (more than a third of it differs).
std::string NearestName(absl::string_view word,
                        const std::vector<std::string>& known);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_JSON_OBJECT_H_
