#include "client/plugins/json_members.h"

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"

namespace countersign::client {
namespace {

// 2^53 - 1: beyond it JSON numbers are not exact.
constexpr double kMostExact = 9007199254740991;

const base::Json& EmptyObject() {
  static const base::Json* const kEmpty = new base::Json(base::Json::Object());
  return *kEmpty;
}

}  // namespace

JsonMembers::JsonMembers(const base::Json& value, std::string path,
                         std::vector<std::string>& mistakes)
    : value_(&value), path_(std::move(path)), mistakes_(&mistakes) {
  if (value.is_object()) return;
  mistakes_->push_back(
      absl::StrCat(path_.empty() ? "the text" : path_, " is no object"));
  value_ = &EmptyObject();
}

std::string JsonMembers::PathOf(absl::string_view member) const {
  return path_.empty() ? std::string(member) : absl::StrCat(path_, ".", member);
}

void JsonMembers::Wrong(absl::string_view member, absl::string_view what) {
  mistakes_->push_back(absl::StrCat(PathOf(member), " ", what));
}

const base::Json* JsonMembers::Find(absl::string_view member) const {
  const base::Json* found = value_->Find(member);
  return found == nullptr || found->is_null() ? nullptr : found;
}

std::string JsonMembers::Text(absl::string_view member) {
  const base::Json* found = Find(member);
  if (found == nullptr) return "";
  if (found->is_string()) return found->string();
  Wrong(member, "is no text");
  return "";
}

std::optional<int64_t> JsonMembers::Number(absl::string_view member) {
  const base::Json* found = Find(member);
  if (found == nullptr) return std::nullopt;
  if (found->is_number() && std::trunc(found->number()) == found->number() &&
      std::abs(found->number()) <= kMostExact) {
    return static_cast<int64_t>(found->number());
  }
  Wrong(member, "is no whole number");
  return std::nullopt;
}

std::optional<std::string> JsonMembers::OptionalOctets(
    absl::string_view member) {
  const base::Json* found = Find(member);
  if (found == nullptr) return std::nullopt;
  absl::StatusOr<std::string> octets = found->is_string()
                                           ? base::Base64Decode(found->string())
                                           : absl::InvalidArgumentError("");
  if (octets.ok()) return *std::move(octets);
  Wrong(member, "is no base64");
  return std::nullopt;
}

JsonMembers JsonMembers::Member(absl::string_view member) {
  const base::Json* found = Find(member);
  return JsonMembers(found == nullptr ? EmptyObject() : *found, PathOf(member),
                     *mistakes_);
}

JsonMembers JsonMembers::NeededMember(absl::string_view member) {
  if (Find(member) == nullptr) Wrong(member, "is missing");
  return Member(member);
}

}  // namespace countersign::client
