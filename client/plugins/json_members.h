// Reading members of JSON objects that other programs wrote: absent is empty,
// null is absent, a wrong kind is a mistake with its path. Unlike
// client/cli/json_object.h it takes members that it does not know. Pure. Called
// by the readers of both plugins' protocols.
#ifndef COUNTERSIGN_CLIENT_PLUGINS_JSON_MEMBERS_H_
#define COUNTERSIGN_CLIENT_PLUGINS_JSON_MEMBERS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/json.h"

namespace countersign::client {

// A view: value and mistakes must outlive it. Cheap to copy.
class JsonMembers {
 public:
  // `path` is empty for the whole document.
  JsonMembers(const base::Json& value, std::string path,
              std::vector<std::string>& mistakes);

  // "initOptions.hashFunc <what>".
  void Wrong(absl::string_view member, absl::string_view what);

  // nullptr where it is absent or null.
  const base::Json* Find(absl::string_view member) const;
  std::string Text(absl::string_view member);
  // Whole numbers that a double holds exactly.
  std::optional<int64_t> Number(absl::string_view member);
  // Base64.
  std::optional<std::string> OptionalOctets(absl::string_view member);
  // An empty object where it is absent.
  JsonMembers Member(absl::string_view member);
  JsonMembers NeededMember(absl::string_view member);

 private:
  std::string PathOf(absl::string_view member) const;

  const base::Json* value_;
  std::string path_;
  std::vector<std::string>* mistakes_;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_PLUGINS_JSON_MEMBERS_H_
