#include "client/oci/media_types.h"

#include "absl/strings/ascii.h"

namespace countersign::client {
namespace {

constexpr size_t kMaxName = 127;

bool IsRestrictedName(absl::string_view name) {
  if (name.empty() || name.size() > kMaxName ||
      !absl::ascii_isalnum(name.front())) {
    return false;
  }
  for (const char c : name) {
    if (!absl::ascii_isalnum(c) &&
        absl::string_view("!#$&-^_.+").find(c) == absl::string_view::npos) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool IsMediaType(absl::string_view text) {
  const size_t slash = text.find('/');
  return slash != text.npos && IsRestrictedName(text.substr(0, slash)) &&
         IsRestrictedName(text.substr(slash + 1));
}

}  // namespace countersign::client
