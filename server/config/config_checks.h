// Whether the values of a configuration make sense, section by section: ranges,
// addresses, groups that exist, files that are there and fit each other. The
// half of LoadConfig (config.h) that knows what fields mean.
#ifndef COUNTERSIGN_SERVER_CONFIG_CONFIG_CHECKS_H_
#define COUNTERSIGN_SERVER_CONFIG_CONFIG_CHECKS_H_

#include <string>

#include "absl/time/time.h"
#include "config/v1/config.pb.h"
#include "server/config/mistakes.h"
#include "server/config/server_config.h"

namespace countersign::server {

// Reads the files that `config` names, seen from the folder of `path`. Good for
// use only where `mistakes` stays empty; required fields that are missing are
// passed over, as yaml_to_proto.h has complained.
ServerConfig CheckConfig(const ::config::v1::Config& config,
                         const std::string& path, absl::Time now,
                         Mistakes& mistakes);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_CONFIG_CONFIG_CHECKS_H_
