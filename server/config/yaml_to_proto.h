// YAML into config.v1.Config by the message's own description: names, types and
// REQUIRED come from config.proto, so a new field needs no code here. Whether a
// value makes sense is config.cc's matter.
#ifndef COUNTERSIGN_SERVER_CONFIG_YAML_TO_PROTO_H_
#define COUNTERSIGN_SERVER_CONFIG_YAML_TO_PROTO_H_

#include "config/v1/config.pb.h"
#include "server/config/mistakes.h"
#include "server/config/yaml_document.h"

namespace countersign::server {

// What could be read; all else is in `mistakes`: unknown fields (with the
// nearest name), fields given twice, wrong types, missing or empty required
// ones. Also tells `mistakes` where each field stands.
::config::v1::Config ConfigFromYaml(const YamlNode& root, Mistakes& mistakes);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_CONFIG_YAML_TO_PROTO_H_
