// SigningService on the wire. Create and Watch, the hot and the long one, run
// on a completion queue (async_create.h, async_watch.h); the others here, each
// on a thread of gRPC.
#ifndef COUNTERSIGN_SERVER_HANDLERS_SIGNING_HANDLER_H_
#define COUNTERSIGN_SERVER_HANDLERS_SIGNING_HANDLER_H_

#include <string>

#include "absl/status/status.h"
#include "core/flows.h"
#include "countersign/v1/signing_service.grpc.pb.h"
#include "server/handlers/parts.h"

namespace countersign::server {

using SigningServiceBase =
    v1::SigningService::WithAsyncMethod_CreateSigningRequest<
        v1::SigningService::WithAsyncMethod_WatchSigningRequest<
            v1::SigningService::Service>>;

// Thread-safe. What `parts` refers to must outlive it.
class SigningHandler final : public SigningServiceBase {
 public:
  explicit SigningHandler(HandlerParts parts) : parts_(parts) {}

  grpc::Status GetSigningRequest(grpc::ServerContext* context,
                                 const v1::GetSigningRequestRequest* request,
                                 v1::SigningRequest* response) override;
  grpc::Status ListSigningRequests(
      grpc::ServerContext* context,
      const v1::ListSigningRequestsRequest* request,
      v1::ListSigningRequestsResponse* response) override;
  grpc::Status CancelSigningRequest(
      grpc::ServerContext* context,
      const v1::CancelSigningRequestRequest* request,
      v1::SigningRequest* response) override;
  grpc::Status ApproveSigningRequest(
      grpc::ServerContext* context,
      const v1::ApproveSigningRequestRequest* request,
      v1::SigningRequest* response) override;
  grpc::Status RejectSigningRequest(
      grpc::ServerContext* context,
      const v1::RejectSigningRequestRequest* request,
      v1::SigningRequest* response) override;

 private:
  absl::Status Decide(const Call& call, core::RequestVerb verb,
                      const std::string& name, const std::string& etag,
                      const std::string& reason, v1::SigningRequest* response);
  absl::Status List(const Call& call,
                    const v1::ListSigningRequestsRequest& request,
                    v1::ListSigningRequestsResponse* response);

  HandlerParts parts_;
};

// A request as the wire shows it, with its product's chain where one is needed.
v1::SigningRequest Shown(const HandlerParts& parts,
                         const core::SigningRequest& request);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_HANDLERS_SIGNING_HANDLER_H_
