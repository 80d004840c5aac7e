// Whether issuing_cas of a configuration make sense: the site's own certificate
// authorities, their certificates and what they put into those that they issue.
// Whether the keys are in their tokens is not asked here: no token is opened.
// config_checks.cc calls it.
#ifndef COUNTERSIGN_SERVER_CONFIG_ISSUING_CHECKS_H_
#define COUNTERSIGN_SERVER_CONFIG_ISSUING_CHECKS_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "config/v1/config.pb.h"
#include "core/issuing_ca.h"
#include "server/config/mistakes.h"
#include "server/config/server_config.h"

namespace countersign::server {

// Reads the files that they name, seen from the folder of `path`. `hsm` has the
// tokens that hold their keys. Fields are named as "issuing_cas[1].key_id".
std::vector<core::IssuingCa> CheckIssuingCas(const ::config::v1::Config& config,
                                             const ServerConfig::Hsm& hsm,
                                             const std::string& path,
                                             absl::Time now,
                                             Mistakes& mistakes);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_CONFIG_ISSUING_CHECKS_H_
