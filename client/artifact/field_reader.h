// Typed reading of the fields of one JSON object, with findings of three kinds
// gathered on the way: what no OCM tool reads, what the tool with the strict
// schema (OCM CLI "v1") refuses, and what the new one does. Called by
// descriptor_reader. Pure.
#ifndef COUNTERSIGN_CLIENT_ARTIFACT_FIELD_READER_H_
#define COUNTERSIGN_CLIENT_ARTIFACT_FIELD_READER_H_

#include <initializer_list>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/error.h"
#include "base/json.h"

namespace countersign::client {

struct Findings {
  std::vector<base::FieldViolation> fatal;
  std::vector<base::FieldViolation> strict;
  std::vector<base::FieldViolation> new_tool;
};

// Borrows the object and the findings; both must outlive it.
class FieldReader {
 public:
  enum class Need { kRequired, kOptional };

  // Where `value` is no object: a fatal finding, and then no fields.
  FieldReader(const base::Json& value, std::string path, Findings& findings);

  const std::string& path() const { return path_; }
  std::string PathOf(absl::string_view field) const;
  void Fatal(absl::string_view field, absl::string_view text);
  void Strict(absl::string_view field, absl::string_view text);
  void NewTool(absl::string_view field, absl::string_view text);

  // The member, or nullptr where it is absent; a strict finding where it is
  // required.
  const base::Json* Find(absl::string_view field, Need need);
  // Empty where it is absent. A value of another type is fatal.
  std::string String(absl::string_view field, Need need);
  bool Bool(absl::string_view field);
  // Nullptr where it is absent or null. Another type is fatal.
  const base::Json* Object(absl::string_view field, Need need);
  const base::Json::Array* Array(absl::string_view field, Need need);

  // Go's JSON reader takes a key in any case ("Signing") for a known field: a
  // fatal finding here, since a YAML reader that knows case sees another
  // document. Unknown fields are strict findings unless `others_allowed`.
  void CheckKeys(std::initializer_list<absl::string_view> known,
                 bool others_allowed);

 private:
  const base::Json& value_;
  std::string path_;
  Findings& findings_;
};

// "resources[3]".
std::string IndexedPath(absl::string_view path, size_t index);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_ARTIFACT_FIELD_READER_H_
