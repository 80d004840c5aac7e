// Why there is no connection, in words that say what to look at. gRPC tells it
// in its messages only, so this reads them; what it does not know it passes on.
// Pure; called by connection.h.
#ifndef COUNTERSIGN_CLIENT_API_CONNECTION_FAILURE_H_
#define COUNTERSIGN_CLIENT_API_CONNECTION_FAILURE_H_

#include <string>

#include "absl/status/status.h"

namespace countersign::client {

// Who tried to speak to whom.
struct Endpoint {
  std::string server;   // HOST:PORT
  std::string subject;  // of the client's certificate; empty: none
  std::string issuer;
  bool system_cas = false;  // no CA file was given
};

// UNAVAILABLE without a reason becomes SERVER_UNREACHABLE,
// SERVER_NOT_TRUSTED or CONNECTION_CLOSED (all UNAVAILABLE), or
// CERTIFICATE_REFUSED (UNAUTHENTICATED) where the server said so.
absl::Status ExplainConnectionFailure(const absl::Status& status,
                                      const Endpoint& endpoint);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_API_CONNECTION_FAILURE_H_
