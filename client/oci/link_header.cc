#include "client/oci/link_header.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"

namespace countersign::client {

std::string NextLink(absl::string_view header) {
  while (true) {
    const size_t open = header.find('<');
    if (open == header.npos) return "";
    header.remove_prefix(open + 1);
    const size_t close = header.find('>');
    if (close == header.npos) return "";
    const absl::string_view target = header.substr(0, close);
    header.remove_prefix(close + 1);
    const absl::string_view parameters = header.substr(0, header.find('<'));
    const std::string plain = absl::AsciiStrToLower(
        absl::StrReplaceAll(parameters, {{"\"", ""}, {" ", ""}}));
    if (absl::StrContains(plain, ";rel=next")) return std::string(target);
  }
}

}  // namespace countersign::client
