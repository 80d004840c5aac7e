// The only place where a gRPC status is made: an absl::Status with our details
// becomes the wire's status with google.rpc messages (AIP-193). What is
// INTERNAL keeps its inside: the wire gets one fixed sentence and the id under
// which the log has the cause.
#ifndef COUNTERSIGN_SERVER_GRPC_STATUS_H_
#define COUNTERSIGN_SERVER_GRPC_STATUS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "grpcpp/support/status.h"

namespace countersign::server {

inline constexpr char kErrorDomain[] = "countersign.dev";

// Always with ErrorInfo; RetryInfo, BadRequest, PreconditionFailure and
// ResourceInfo where the error has them. `call_id` names the call in the log.
grpc::Status ToGrpcStatus(const absl::Status& status,
                          absl::string_view call_id);

// True where the wire does not tell the cause and the log must.
bool IsHidden(const absl::Status& status);

// "OK", "NOT_FOUND": the code for log lines and metrics.
absl::string_view CodeName(absl::StatusCode code);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_GRPC_STATUS_H_
