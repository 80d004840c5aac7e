#include "client/cli/key_value.h"

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/error.h"
#include "client/api/client_error.h"

namespace countersign::client {

absl::StatusOr<std::map<std::string, std::string>> ReadKeyValues(
    const std::string& option, const std::vector<std::string>& entries) {
  std::map<std::string, std::string> result;
  for (const std::string& entry : entries) {
    const size_t equals = entry.find('=');
    const bool pair = equals != std::string::npos && equals > 0;
    if (pair &&
        result.insert({entry.substr(0, equals), entry.substr(equals + 1)})
            .second) {
      continue;
    }
    return base::MakeError(
        absl::StatusCode::kInvalidArgument,
        absl::StrCat(option, " \"", base::EscapeForDisplay(entry), "\": ",
                     pair ? "that key is given twice" : "right is KEY=VALUE"),
        Because("KEY_VALUE_MALFORMED"));
  }
  return result;
}

}  // namespace countersign::client
