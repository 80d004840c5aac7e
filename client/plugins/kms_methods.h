// What each call of the sigstore KMS protocol does: reads the key, asks for a
// signature and checks it, verifies. Answers are the protocol's JSON. Blocks on
// the server, and for people. Called by kms_plugin.
#ifndef COUNTERSIGN_CLIENT_PLUGINS_KMS_METHODS_H_
#define COUNTERSIGN_CLIENT_PLUGINS_KMS_METHODS_H_

#include <istream>

#include "absl/status/statusor.h"
#include "base/json.h"
#include "client/plugins/kms_request.h"
#include "client/plugins/plugin_world.h"

namespace countersign::client {

// `message` is read by signMessage and verifySignature only.
absl::StatusOr<base::Json> AnswerKms(const PluginWorld& world,
                                     const KmsRequest& request,
                                     std::istream& message);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_PLUGINS_KMS_METHODS_H_
