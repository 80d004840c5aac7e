#include "client/oci/loopback.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace countersign::client {

bool IsLoopbackHost(absl::string_view host) {
  if (absl::StartsWith(host, "[")) {
    return host == "[::1]" || absl::StartsWith(host, "[::1]:");
  }
  const absl::string_view name = host.substr(0, host.find(':'));
  if (absl::EqualsIgnoreCase(name, "localhost")) return true;
  const std::vector<std::string> parts = absl::StrSplit(name, '.');
  if (parts.size() != 4 || parts[0] != "127") return false;
  for (const std::string& part : parts) {
    int number = 0;
    // "0177" is octal to some resolvers, so no leading zero.
    if (part.empty() || part.size() > 3 ||
        part.find_first_not_of("0123456789") != part.npos ||
        (part.size() > 1 && part[0] == '0') ||
        !absl::SimpleAtoi(part, &number) || number > 255) {
      return false;
    }
  }
  return true;
}

}  // namespace countersign::client
