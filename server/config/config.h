// The door of the configuration: a YAML file in, checked values out, or every
// mistake at once. main (also for --check) and ConfigWatcher call it.
#ifndef COUNTERSIGN_SERVER_CONFIG_CONFIG_H_
#define COUNTERSIGN_SERVER_CONFIG_CONFIG_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/config/server_config.h"

namespace countersign::server {

// Reads the file and those that it names, and checks all that can be checked
// without starting: syntax, names, ranges, groups, files, modes of secrets,
// certificates at `now`, keys that fit. NOT_FOUND and the like where the file
// cannot be read; otherwise INVALID_ARGUMENT, reason BAD_CONFIG, with every
// mistake (mistakes.h).
absl::StatusOr<ServerConfig> LoadConfig(const std::string& path,
                                        absl::Time now);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_CONFIG_CONFIG_H_
