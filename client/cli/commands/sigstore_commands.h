// The commands for container images, attestations and other things in
// sigstore's formats: one file each in this folder. Called by the groups `sign`
// and `verify`. `session` must outlive the tree.
#ifndef COUNTERSIGN_CLIENT_CLI_COMMANDS_SIGSTORE_COMMANDS_H_
#define COUNTERSIGN_CLIENT_CLI_COMMANDS_SIGSTORE_COMMANDS_H_

#include <string>

#include "absl/status/status.h"
#include "client/cli/session.h"
#include "client/cli/sigstore_trust.h"

namespace CLI {
class App;
}  // namespace CLI

namespace countersign::client {

// Into the group `sign`.
void AddSignImage(CLI::App& sign, Session& session);
void AddSignAttestation(CLI::App& sign, Session& session);
// Into the group `verify`.
void AddVerifyImage(CLI::App& verify, Session& session);
void AddVerifyAttestation(CLI::App& verify, Session& session);

// `verify blob --bundle`.
struct BlobBundleOptions {
  std::string file;
  std::string bundle;
  TrustOptions trust;
};
absl::Status VerifyBlobBundle(Session& session,
                              const BlobBundleOptions& options);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_COMMANDS_SIGSTORE_COMMANDS_H_
