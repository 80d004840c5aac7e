#include "server/handlers/health_handler.h"

#include <optional>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "core/errors.h"
#include "grpc/grpc_security_constants.h"
#include "server/grpc_status.h"

namespace countersign::server {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

constexpr int kMaxWatches = 16;
// How soon a caller's going away is seen.
constexpr absl::Duration kLookForCaller = absl::Seconds(1);
// Places become free when balancers go: not soon.
constexpr absl::Duration kRetryWatch = absl::Seconds(10);
// These calls have no line in the log that an id would name.
constexpr char kNoCallId[] = "";

HealthCheckResponse::ServingStatus ToWire(HealthBoard::Status status) {
  switch (status) {
    case HealthBoard::Status::kUnknown:
      return HealthCheckResponse::SERVICE_UNKNOWN;
    case HealthBoard::Status::kServing:
      return HealthCheckResponse::SERVING;
    case HealthBoard::Status::kNotServing:
      return HealthCheckResponse::NOT_SERVING;
  }
  return HealthCheckResponse::UNKNOWN;
}

bool HasCertificate(const grpc::ServerContext& context) {
  return !context.auth_context()
              ->FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME)
              .empty();
}

}  // namespace

grpc::Status HealthHandler::Check(grpc::ServerContext* context,
                                  const HealthCheckRequest* request,
                                  HealthCheckResponse* response) {
  const HealthBoard::Status status = board_.Look(request->service()).status;
  const bool of_the_site = absl::StrContains(request->service(), '/');
  if (status == HealthBoard::Status::kUnknown ||
      (of_the_site && !HasCertificate(*context))) {
    return ToGrpcStatus(
        absl::NotFoundError("the server has no such service; an empty name "
                            "asks for the server as a whole"),
        kNoCallId);
  }
  response->set_status(ToWire(status));
  return grpc::Status::OK;
}

grpc::Status HealthHandler::Watch(
    grpc::ServerContext* context, const HealthCheckRequest* request,
    grpc::ServerWriter<HealthCheckResponse>* writer) {
  if (!HasCertificate(*context)) {
    return ToGrpcStatus(core::error::NoCredential(/*tokens_taken=*/false),
                        kNoCallId);
  }
  if (!TakePlace()) {
    return ToGrpcStatus(core::error::Overloaded(kRetryWatch), kNoCallId);
  }
  const absl::Cleanup leave = [this] { LeavePlace(); };
  HealthBoard::View now = board_.Look(request->service());
  std::optional<HealthBoard::Status> told;
  while (!context->IsCancelled()) {
    if (now.status != told) {
      HealthCheckResponse response;
      response.set_status(ToWire(now.status));
      if (!writer->Write(response)) break;
      told = now.status;
    }
    if (now.closed) {
      return ToGrpcStatus(core::error::ServerStopping(), kNoCallId);
    }
    now = board_.Wait(request->service(), *told, kLookForCaller);
  }
  return ToGrpcStatus(absl::CancelledError("the caller went away"), kNoCallId);
}

bool HealthHandler::TakePlace() {
  base::MutexLock lock(mutex_);
  if (watches_ == kMaxWatches) return false;
  ++watches_;
  return true;
}

void HealthHandler::LeavePlace() {
  base::MutexLock lock(mutex_);
  --watches_;
}

}  // namespace countersign::server
