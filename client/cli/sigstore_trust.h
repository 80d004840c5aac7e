// Whom `verify image`, `verify attestation` and `verify blob --bundle` trust:
// the options, and what is in the files that they name.
#ifndef COUNTERSIGN_CLIENT_CLI_SIGSTORE_TRUST_H_
#define COUNTERSIGN_CLIENT_CLI_SIGSTORE_TRUST_H_

#include <string>

#include "absl/status/statusor.h"
#include "client/cli/session.h"
#include "client/sigstore/signature_check.h"

namespace CLI {
class App;
}  // namespace CLI

namespace countersign::client {

struct TrustOptions {
  std::string public_key;
  std::string root;
  std::string identity;
};

// `options` must live as long as `leaf`.
void AddTrustOptions(CLI::App& leaf, TrustOptions& options);
void AddIdentityOption(CLI::App& leaf, TrustOptions& options);

// INVALID_ARGUMENT: TRUST_MISSING without key and root, IDENTITY_NOT_POSSIBLE
// without root, and the reasons of what is read, which name the file.
absl::StatusOr<SigstoreTrust> ReadSigstoreTrust(Session& session,
                                                const TrustOptions& options);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_SIGSTORE_TRUST_H_
