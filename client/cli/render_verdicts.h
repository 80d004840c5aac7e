// The report of a verification that looked at several signatures of one thing:
// each with its verdict, and whether one of them is good. Called by `verify
// image` and `verify attestation`.
#ifndef COUNTERSIGN_CLIENT_CLI_RENDER_VERDICTS_H_
#define COUNTERSIGN_CLIENT_CLI_RENDER_VERDICTS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/cli/session.h"
#include "client/sigstore/image_verdict.h"

namespace countersign::client {

struct NamedVerdict {
  std::string name;  // "bundle sha256:..."
  SignatureVerdict verdict;
};

// Prints them, and is OK where one is good. INVALID_ARGUMENT otherwise:
// NO_SIGNATURES where there is none, SIGNATURE_INVALID with the reasons.
absl::Status ReportVerdicts(Session& session, const std::string& what,
                            const std::vector<NamedVerdict>& verdicts);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_RENDER_VERDICTS_H_
