// Signatures of component descriptors, before they are written: nobody has to
// believe that the server sent good ones. Called by `sign component-version`
// and `sign component-descriptor`.
#ifndef COUNTERSIGN_CLIENT_CLI_DESCRIPTOR_CHECK_H_
#define COUNTERSIGN_CLIENT_CLI_DESCRIPTOR_CHECK_H_

#include <vector>

#include "absl/status/status.h"
#include "client/artifact/component_descriptor.h"
#include "client/cli/session.h"
#include "countersign/v1/resources.pb.h"

namespace countersign::client {

// Each of `entries` is good for its digest with the public key of the version
// that `request` says signed. DATA_LOSS (SIGNATURE_INVALID) names the first
// that is not; errors of FetchKey. Blocks on the server.
absl::Status CheckEntries(Session& session, const v1::SigningRequest& request,
                          const std::vector<DescriptorSignature>& entries);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_DESCRIPTOR_CHECK_H_
