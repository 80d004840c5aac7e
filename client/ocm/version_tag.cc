#include "client/ocm/version_tag.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/artifact/artifact_error.h"

namespace countersign::client {
namespace {

constexpr char kBuild[] = ".build-";
constexpr size_t kMaxTag = 128;

std::string EachReplaced(absl::string_view version) {
  return absl::StrReplaceAll(version, {{"+", kBuild}});
}

std::string FirstReplaced(absl::string_view version) {
  const size_t plus = version.find('+');
  return absl::StrCat(version.substr(0, plus), kBuild,
                      version.substr(plus + 1));
}

}  // namespace

absl::StatusOr<std::string> TagOf(absl::string_view version) {
  std::string tag = EachReplaced(version);
  if (!IsStoredTag(tag)) {
    return BadInput(
        "VERSION_INVALID",
        absl::StrCat(
            "version ", Quoted(version),
            " can be no tag: letters, digits, \".\", \"_\", \"-\" and "
            "\"+\", not more than 128 with each \"+\" as \".build-\""));
  }
  return tag;
}

std::string VersionOfTag(absl::string_view tag) {
  const size_t build = tag.rfind(kBuild);
  if (build == absl::string_view::npos) return std::string(tag);
  return absl::StrCat(tag.substr(0, build), "+",
                      tag.substr(build + sizeof(kBuild) - 1));
}

bool IsTagOf(absl::string_view tag, absl::string_view version) {
  if (tag == version) return true;
  if (version.find('+') == absl::string_view::npos) return false;
  return tag == EachReplaced(version) || tag == FirstReplaced(version);
}

bool IsStoredTag(absl::string_view text) {
  if (text.empty() || text.size() > kMaxTag || text[0] == '.' ||
      text[0] == '-' || text[0] == '+') {
    return false;
  }
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-' ||
           c == '+';
  });
}

}  // namespace countersign::client
