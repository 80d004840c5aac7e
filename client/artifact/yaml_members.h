// The members of one object while yaml_reader, its only caller, fills it:
// which keys it has, what a second one means, and <<. Single-thread.
#ifndef COUNTERSIGN_CLIENT_ARTIFACT_YAML_MEMBERS_H_
#define COUNTERSIGN_CLIENT_ARTIFACT_YAML_MEMBERS_H_

#include <cstddef>
#include <string>
#include <unordered_map>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/json.h"
#include "client/artifact/yaml_events.h"

namespace countersign::client {

// Knows the keys; the object itself is the caller's and always the same one.
class YamlMembers {
 public:
  // True where the key was there before: the value replaces the older one, as
  // in the tools. INVALID_ARGUMENT (YAML_DUPLICATE_KEY) where the two keys are
  // the same in JSON only.
  absl::StatusOr<bool> Put(absl::string_view text, const YamlEvent& key_event,
                           const std::string& key, base::Json value,
                           base::Json::Object& object);

  // The value of <<: an object or a list of them, of which earlier ones win.
  // A key before the << is refused: yaml.v2 lets << win there, YAML 1.1 says
  // the opposite.
  absl::Status Merge(absl::string_view text, const YamlEvent& event,
                     const base::Json& value, base::Json::Object& object);

 private:
  struct KeyInfo {
    size_t index;  // in the object
    bool plain;    // and spelling: as written
    std::string spelling;
    bool merged;  // through <<
  };
  static bool SameYamlKey(const KeyInfo& known, const YamlEvent& event);
  absl::Status MergeObject(absl::string_view text, const YamlEvent& event,
                           const base::Json& from, base::Json::Object& object);

  std::unordered_map<std::string, KeyInfo> keys_;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_ARTIFACT_YAML_MEMBERS_H_
