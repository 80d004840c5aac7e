// sigstore-kms-countersign as one function: the cosign KMS plugin, one process
// for each call. main gives it the real world, tests their own.
#ifndef COUNTERSIGN_CLIENT_PLUGINS_KMS_PLUGIN_H_
#define COUNTERSIGN_CLIENT_PLUGINS_KMS_PLUGIN_H_

#include <istream>
#include <ostream>
#include <string>
#include <vector>

#include "client/plugins/plugin_world.h"

namespace countersign::client {

// `arguments` without the program's name: "v1" and one JSON text. Exactly one
// JSON object goes to `out`, also for an error ({"errorMessage": ...}); nothing
// else does. The exit code is that of the command line tool (exit_code.h);
// cosign does not look at it.
int RunKmsPlugin(const std::vector<std::string>& arguments, std::istream& in,
                 std::ostream& out, const PluginWorld& world);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_PLUGINS_KMS_PLUGIN_H_
