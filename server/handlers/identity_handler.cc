#include "server/handlers/identity_handler.h"

#include "auth/certificate_identity.h"
#include "server/convert/identity.h"

namespace countersign::server {

grpc::Status IdentityHandler::GetCaller(grpc::ServerContext* context,
                                        const v1::GetCallerRequest*,
                                        v1::Caller* response) {
  Call call = parts_.desk.Open("GetCaller", "");
  const absl::Status status =
      parts_.desk.Identify(*context->auth_context(), call);
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
  const auto certificate =
      auth::IdentifyCertificate(call.leaf_pem, parts_.clock.Now());
  if (certificate.ok()) {
    *response->mutable_credential_expire_time() =
        ToWire(certificate->not_after);
  }
  return parts_.desk.Close(call, absl::OkStatus());
}

}  // namespace countersign::server
