#include "server/config/site_name.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace countersign::server {
namespace {

constexpr size_t kMaxName = 63;

}  // namespace

void CheckSiteName(const std::string& field, absl::string_view name,
                   Mistakes& mistakes) {
  if (name.size() <= kMaxName &&
      std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
      })) {
    return;
  }
  mistakes.Add(field, "must be 1 to 63 of a-z, 0-9 and \"-\", as in \"main\"");
}

Distinct::Distinct(std::string list, std::string what, std::string why)
    : list_(std::move(list)), what_(std::move(what)), why_(std::move(why)) {}

void Distinct::See(const std::string& value, size_t i, Mistakes& mistakes) {
  if (value.empty()) return;
  const auto [first, is_new] = seen_.emplace(value, i);
  if (is_new) return;
  mistakes.Add(
      absl::StrCat(list_, "[", i, "].", what_),
      absl::StrCat("is also that of ", list_, "[", first->second, "]; ", why_));
}

}  // namespace countersign::server
