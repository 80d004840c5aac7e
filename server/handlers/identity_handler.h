// IdentityService on the wire: how the server sees the caller. The one call
// that is open to those in no group: it is how they learn which name to ask
// for.
#ifndef COUNTERSIGN_SERVER_HANDLERS_IDENTITY_HANDLER_H_
#define COUNTERSIGN_SERVER_HANDLERS_IDENTITY_HANDLER_H_

#include "countersign/v1/identity_service.grpc.pb.h"
#include "server/handlers/parts.h"

namespace countersign::server {

// Thread-safe. What `parts` refers to must outlive it.
class IdentityHandler final : public v1::IdentityService::Service {
 public:
  explicit IdentityHandler(HandlerParts parts) : parts_(parts) {}

  grpc::Status GetCaller(grpc::ServerContext* context,
                         const v1::GetCallerRequest* request,
                         v1::Caller* response) override;

 private:
  HandlerParts parts_;
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_HANDLERS_IDENTITY_HANDLER_H_
