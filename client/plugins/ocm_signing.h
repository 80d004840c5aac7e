// What the OCM CLI asks of a signing handler: a signature for the digest of a
// component version, checked before it is given out, and the verification of
// one. Blocks on the server, and for people. Called by ocm_plugin.
#ifndef COUNTERSIGN_CLIENT_PLUGINS_OCM_SIGNING_H_
#define COUNTERSIGN_CLIENT_PLUGINS_OCM_SIGNING_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/plugins/ocm_request.h"
#include "client/plugins/plugin_world.h"

namespace countersign::client {

struct OcmSignature {
  std::string algorithm;
  std::string media_type;
  std::string value;
  // One sentence each, for people.
  std::vector<std::string> warnings;
};

// Waits for people until EndOfWait(); the CLI has no bound. FAILED_PRECONDITION
// (CHAIN_MISSING) where PEM is asked of a key without certificates,
// INVALID_ARGUMENT (KEY_NOT_RSA): descriptors know no other signatures.
absl::StatusOr<OcmSignature> SignForOcm(const PluginWorld& world,
                                        const OcmSignCall& call);

// With what the specification or the credentials trust; where neither says
// anything, with the enabled keys of the specification's operation, which are
// asked of the server. INVALID_ARGUMENT (SIGNATURE_INVALID,
// CERTIFICATE_UNTRUSTED, SIGNATURE_UNREADABLE, TRUST_MISSING).
absl::Status VerifyForOcm(const PluginWorld& world, const OcmVerifyCall& call,
                          const OcmTrust& credentials);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_PLUGINS_OCM_SIGNING_H_
