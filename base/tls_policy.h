// TLS 1.3 and nothing older, for every connection of this process. gRPC 1.51
// has no setting for it; OpenSSL's own configuration reaches the contexts that
// gRPC makes. Called by the main functions of server and client, and by tests.
#ifndef COUNTERSIGN_BASE_TLS_POLICY_H_
#define COUNTERSIGN_BASE_TLS_POLICY_H_

#include "absl/status/status.h"

namespace countersign::base {

// Once, before the first channel or server is made. INTERNAL where OpenSSL
// refuses.
absl::Status RequireTls13();

}  // namespace countersign::base

#endif  // COUNTERSIGN_BASE_TLS_POLICY_H_
