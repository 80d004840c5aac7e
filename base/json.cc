#include "base/json.h"

#include <algorithm>

namespace countersign::base {

const Json* Json::Find(absl::string_view key) const {
  if (!is_object()) return nullptr;
  for (const Member& member : object()) {
    if (member.first == key) return &member.second;
  }
  return nullptr;
}

Json* Json::Find(absl::string_view key) {
  return const_cast<Json*>(std::as_const(*this).Find(key));
}

void Json::Set(absl::string_view key, Json value) {
  if (Json* old = Find(key); old != nullptr) {
    *old = std::move(value);
  } else {
    object().emplace_back(std::string(key), std::move(value));
  }
}

void Json::Erase(absl::string_view key) {
  Object& members = object();
  members.erase(
      std::remove_if(members.begin(), members.end(),
                     [key](const Member& m) { return m.first == key; }),
      members.end());
}

}  // namespace countersign::base
