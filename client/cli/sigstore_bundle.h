// Bundles of what an operation signed: with its certificate where it has one,
// otherwise for its bare key. Pure but for the note. Called by `sign image`,
// `sign attestation`, `sign blob --bundle`.
#ifndef COUNTERSIGN_CLIENT_CLI_SIGSTORE_BUNDLE_H_
#define COUNTERSIGN_CLIENT_CLI_SIGSTORE_BUNDLE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "client/cli/session.h"
#include "client/cli/sigstore_signer.h"

namespace countersign::client {

// v0.3 JSON on one line: a DSSE envelope around an in-toto statement.
std::string FormatStatementBundle(const SigstoreSigner& signer,
                                  absl::string_view statement,
                                  absl::string_view signature);

// The same for a file with that SHA-256 (32 octets).
std::string FormatBlobBundle(const SigstoreSigner& signer,
                             absl::string_view sha256,
                             absl::string_view signature);

// Tells where the certificate bears no URI and no e-mail address: cosign then
// refuses bundles of it.
void WarnOfNames(Session& session, const SigstoreSigner& signer);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_SIGSTORE_BUNDLE_H_
