// Whether the hsm section of a configuration makes sense: each token by itself,
// and all of them beside each other. No module is loaded and no PIN tried:
// `countersignd --check` asks hsm/check_token.h for that. config_checks.cc
// calls it.
#ifndef COUNTERSIGN_SERVER_CONFIG_HSM_CHECKS_H_
#define COUNTERSIGN_SERVER_CONFIG_HSM_CHECKS_H_

#include <string>

#include "config/v1/config.pb.h"
#include "server/config/mistakes.h"
#include "server/config/server_config.h"

namespace countersign::server {

// Reads the files that `hsm` names, seen from the folder of `path`. Fields are
// named as "hsm.tokens[1].sessions".
ServerConfig::Hsm CheckHsm(const ::config::v1::Hsm& hsm,
                           const std::string& path, Mistakes& mistakes);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_CONFIG_HSM_CHECKS_H_
