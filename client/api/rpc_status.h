// gRPC errors as absl::Status with base::ErrorDetails: reason, violations,
// preconditions and retry delay from the google.rpc messages in the trailer.
// The only place of the client that knows them. Pure.
#ifndef COUNTERSIGN_CLIENT_API_RPC_STATUS_H_
#define COUNTERSIGN_CLIENT_API_RPC_STATUS_H_

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace countersign::client {

// OK stays OK. Details that cannot be read are left out; code and message
// always come through.
absl::Status FromGrpcStatus(const grpc::Status& status);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_API_RPC_STATUS_H_
