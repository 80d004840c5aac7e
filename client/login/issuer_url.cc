#include "client/login/issuer_url.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/https_call.h"

namespace countersign::client {

bool IsSafeUrl(absl::string_view url) {
  return std::all_of(url.begin(), url.end(), absl::ascii_isgraph) &&
         base::CheckHttpsUrl(url).ok();
}

bool IsIssuerUrl(absl::string_view url) {
  return IsSafeUrl(url) && !absl::StrContains(url, '?');
}

std::string WithQuery(
    absl::string_view url,
    const std::vector<std::pair<std::string, std::string>>& parameters) {
  return absl::StrCat(url, absl::StrContains(url, '?') ? "&" : "?",
                      base::FormEncode(parameters));
}

}  // namespace countersign::client
