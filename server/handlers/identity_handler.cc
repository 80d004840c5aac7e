#include "server/handlers/identity_handler.h"

#include "server/caller_credentials.h"
#include "server/convert/identity.h"

namespace countersign::server {

grpc::Status IdentityHandler::GetCaller(grpc::ServerContext* context,
                                        const v1::GetCallerRequest*,
                                        v1::Caller* response) {
  Call call = parts_.desk.Open("GetCaller", "");
  const absl::Status status =
      parts_.desk.Identify(CredentialsOf(*context), call);
  if (!status.ok()) {
    return parts_.desk.Close(call, parts_.desk.Deny(call, status));
  }
  *response->mutable_principal() = ToWire(call.caller);
  if (call.policy->IsAdministrator(call.caller)) {
    response->add_roles("administrator");
  }
  if (call.policy->IsProductApprover(call.caller)) {
    response->add_roles("product approver");
  }
  if (call.policy->IsAuditor(call.caller)) response->add_roles("auditor");
  *response->mutable_credential_expire_time() =
      ToWire(call.credential_expire_time);
  response->set_token_issuer(call.token_issuer);
  return parts_.desk.Close(call, absl::OkStatus());
}

}  // namespace countersign::server
