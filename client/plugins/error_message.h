// An error as the tool that called a plugin shows it: the command line tool's
// text for people, without its name before it, since the caller puts words of
// its own there. Pure. Called by both plugins.
#ifndef COUNTERSIGN_CLIENT_PLUGINS_ERROR_MESSAGE_H_
#define COUNTERSIGN_CLIENT_PLUGINS_ERROR_MESSAGE_H_

#include <string>

#include "absl/status/status.h"

namespace countersign::client {

std::string ErrorMessage(const absl::Status& status);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_PLUGINS_ERROR_MESSAGE_H_
