// An error as people read it and as programs read it. Pure. Called once, by
// app.cc, and where a wait tells of a break.
#ifndef COUNTERSIGN_CLIENT_CLI_ERROR_TEXT_H_
#define COUNTERSIGN_CLIENT_CLI_ERROR_TEXT_H_

#include <string>

#include "absl/status/status.h"
#include "base/json.h"

namespace countersign::client {

// "countersign: message", then every violation, failed precondition, when to
// try again and which command helps, on lines of their own. Safe to show.
std::string ErrorText(const absl::Status& status);

// {"error": {"code", "reason", "message", "exitCode", ...}}.
base::Json ErrorJson(const absl::Status& status);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_ERROR_TEXT_H_
