// The command that helps, for errors that have one: people who read that a key
// is disabled want to know how to enable it. Pure; called by error_text.
#ifndef COUNTERSIGN_CLIENT_CLI_ERROR_HINT_H_
#define COUNTERSIGN_CLIENT_CLI_ERROR_HINT_H_

#include <string>

#include "absl/status/status.h"

namespace countersign::client {

// "countersign key enable shop/build/1"; empty where nothing is known to help.
// As it came from the server: escape to show.
std::string ErrorHint(const absl::Status& status);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_ERROR_HINT_H_
