// Options of the form KEY=VALUE that may be given several times. Pure. Called
// by commands/*.cc.
#ifndef COUNTERSIGN_CLIENT_CLI_KEY_VALUE_H_
#define COUNTERSIGN_CLIENT_CLI_KEY_VALUE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace countersign::client {

// `option` is for the error. INVALID_ARGUMENT (KEY_VALUE_MALFORMED) for an
// entry without "=" or key, and for a key that is given twice.
absl::StatusOr<std::map<std::string, std::string>> ReadKeyValues(
    const std::string& option, const std::vector<std::string>& entries);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_KEY_VALUE_H_
