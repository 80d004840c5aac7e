#include "client/api/rpc_status.h"

#include <string>

#include "absl/time/time.h"
#include "base/error.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace countersign::client {
namespace {

void Read(const google::rpc::ErrorInfo& info, base::ErrorDetails& details) {
  details.reason = info.reason();
  for (const auto& [key, value] : info.metadata()) {
    details.metadata[key] = value;
  }
}

void Read(const google::rpc::RetryInfo& info, base::ErrorDetails& details) {
  details.retry_delay = absl::Seconds(info.retry_delay().seconds()) +
                        absl::Nanoseconds(info.retry_delay().nanos());
}

void Read(const google::rpc::BadRequest& bad, base::ErrorDetails& details) {
  for (const auto& violation : bad.field_violations()) {
    details.field_violations.push_back(
        {violation.field(), violation.description()});
  }
}

void Read(const google::rpc::PreconditionFailure& failure,
          base::ErrorDetails& details) {
  for (const auto& violation : failure.violations()) {
    details.preconditions.emplace_back(violation.type(),
                                       violation.description());
  }
}

// Reads `any` where it holds a `Message`.
template <typename Message>
void ReadIf(const google::protobuf::Any& any, base::ErrorDetails& details) {
  Message message;
  if (any.Is<Message>() && any.UnpackTo(&message)) Read(message, details);
}

}  // namespace

absl::Status FromGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  base::ErrorDetails details;
  google::rpc::Status wire;
  if (wire.ParseFromString(status.error_details())) {
    for (const google::protobuf::Any& any : wire.details()) {
      ReadIf<google::rpc::ErrorInfo>(any, details);
      ReadIf<google::rpc::RetryInfo>(any, details);
      ReadIf<google::rpc::BadRequest>(any, details);
      ReadIf<google::rpc::PreconditionFailure>(any, details);
    }
  }
  // The numbers of gRPC and Abseil are the same ones.
  return base::MakeError(
      static_cast<absl::StatusCode>(static_cast<int>(status.error_code())),
      status.error_message(), details);
}

}  // namespace countersign::client
