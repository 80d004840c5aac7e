// The http section of a configuration as checked values. One of the parts of
// CheckConfig (config_checks.h).
#ifndef COUNTERSIGN_SERVER_CONFIG_HTTP_CHECKS_H_
#define COUNTERSIGN_SERVER_CONFIG_HTTP_CHECKS_H_

#include <string>

#include "config/v1/config.pb.h"
#include "server/config/mistakes.h"
#include "server/config/server_config.h"

namespace countersign::server {

// Whether the operations exist is not asked: products come and go while the
// server runs. `path` is the configuration's own.
ServerConfig::Http CheckHttp(const ::config::v1::Http& in,
                             const std::string& path, Mistakes& mistakes);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_CONFIG_HTTP_CHECKS_H_
