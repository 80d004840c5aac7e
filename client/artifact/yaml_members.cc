#include "client/artifact/yaml_members.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"
#include "client/artifact/text_position.h"
#include "client/artifact/yaml_scalar.h"

namespace countersign::client {

using base::Json;

// True where Go sees one key twice, false where it sees two keys (true and
// "true", 1 and 1.0) that become one in JSON.
bool YamlMembers::SameYamlKey(const KeyInfo& known, const YamlEvent& event) {
  const absl::StatusOr<Json> first =
      known.plain ? ResolvePlainScalar(known.spelling) : Json("");
  const absl::StatusOr<Json> second =
      event.plain ? ResolvePlainScalar(event.value) : Json("");
  if (!first.ok() || !second.ok()) return false;
  if (first->is_string() || first->is_bool()) {
    return first->is_string() == second->is_string() &&
           first->is_bool() == second->is_bool();
  }
  return second->is_number() && known.spelling == event.value;
}

absl::StatusOr<bool> YamlMembers::Put(absl::string_view text,
                                      const YamlEvent& key_event,
                                      const std::string& key, Json value,
                                      Json::Object& object) {
  const auto [it, added] = keys_.try_emplace(
      key, KeyInfo{object.size(), key_event.plain, key_event.value, false});
  if (added) {
    object.emplace_back(key, std::move(value));
    return false;
  }
  KeyInfo& known = it->second;
  if (!known.merged && !SameYamlKey(known, key_event)) {
    return TextError(
        text, key_event.offset, "YAML_DUPLICATE_KEY",
        absl::StrCat("the keys ", Quoted(known.spelling), " and ",
                     Quoted(key_event.value), " are the same in JSON"));
  }
  object[known.index].second = std::move(value);
  return !std::exchange(known.merged, false);
}

absl::Status YamlMembers::Merge(absl::string_view text, const YamlEvent& event,
                                const Json& value, Json::Object& object) {
  if (value.is_object()) return MergeObject(text, event, value, object);
  if (!value.is_array()) {
    return TextError(text, event.offset, "YAML_UNSUPPORTED",
                     "<< needs an object or a list of objects");
  }
  for (const Json& item : value.array()) {
    if (!item.is_object()) {
      return TextError(text, event.offset, "YAML_UNSUPPORTED",
                       "<< needs an object or a list of objects");
    }
    RETURN_IF_ERROR(MergeObject(text, event, item, object));
  }
  return absl::OkStatus();
}

absl::Status YamlMembers::MergeObject(absl::string_view text,
                                      const YamlEvent& event, const Json& from,
                                      Json::Object& object) {
  for (const Json::Member& member : from.object()) {
    const auto [it, added] = keys_.try_emplace(
        member.first, KeyInfo{object.size(), false, member.first, true});
    if (added) {
      object.push_back(member);
    } else if (!it->second.merged) {
      return TextError(text, event.offset, "YAML_DUPLICATE_KEY",
                       absl::StrCat("<< behind the key ", Quoted(member.first),
                                    " that it holds too; put << first"));
    }
  }
  return absl::OkStatus();
}

}  // namespace countersign::client
