#include "server/front_desk.h"

#include <utility>
#include <vector>

#include "base/encoding.h"
#include "base/log.h"
#include "core/access.h"
#include "core/errors.h"
#include "grpc/grpc_security_constants.h"
#include "server/grpc_status.h"

namespace countersign::server {
namespace {

constexpr size_t kCallIdOctets = 8;
// What a line and a leaf hold of a resource that a caller made up.
constexpr size_t kMaxResource = 512;

base::Severity SeverityOf(const absl::Status& status) {
  if (IsHidden(status)) return base::Severity::kError;
  if (status.code() == absl::StatusCode::kUnavailable) {
    return base::Severity::kWarning;
  }
  return base::Severity::kInfo;
}

absl::Status CheckKnown(const Call& call) {
  if (core::IsKnown(call.caller, *call.policy)) return absl::OkStatus();
  return core::error::PermissionDenied(call.caller.subject, "use this service",
                                       call.resource);
}

// As much of what a caller asks for as a line or a leaf should hold.
std::string Cut(absl::string_view text) {
  text = text.substr(0, kMaxResource);
  return std::string(text.substr(0, base::ValidUtf8Prefix(text)));
}

std::string Shown(absl::string_view text) {
  return base::EscapeForDisplay(text.substr(0, kMaxResource));
}

}  // namespace

std::shared_ptr<const core::Policy> PolicyOf(
    const auth::Authenticator& authenticator) {
  const std::shared_ptr<const auth::AccessSnapshot> snapshot =
      authenticator.snapshot();
  return std::shared_ptr<const core::Policy>(snapshot, &snapshot->policy);
}

FrontDesk::FrontDesk(auth::Authenticator& authenticator, Pipeline& pipeline,
                     const base::Clock& clock, base::Random& random,
                     RpcObserver& observer)
    : authenticator_(authenticator),
      pipeline_(pipeline),
      clock_(clock),
      random_(random),
      observer_(observer) {}

Call FrontDesk::Open(absl::string_view method, const std::string& resource) {
  Call call;
  call.method = method;
  call.resource = Cut(resource);
  call.id = base::HexEncode(random_.Bytes(kCallIdOctets));
  call.start = base::SteadyNow();
  call.policy = PolicyOf(authenticator_);
  return call;
}

absl::Status FrontDesk::Identify(const grpc::AuthContext& peer, Call& call) {
  const std::vector<grpc::string_ref> leaves =
      peer.FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  if (leaves.size() != 1) {
    return core::error::UnknownIdentity(
        "the connection has no client certificate");
  }
  call.leaf_pem.assign(leaves[0].data(), leaves[0].size());
  return IdentifyLeaf(call);
}

absl::Status FrontDesk::IdentifyLeaf(Call& call) {
  absl::StatusOr<core::Principal> caller =
      authenticator_.Authenticate(call.leaf_pem, clock_.Now());
  if (!caller.ok()) return caller.status();
  call.caller = *std::move(caller);
  return absl::OkStatus();
}

absl::Status FrontDesk::Admit(const grpc::AuthContext& peer, Call& call) {
  const absl::Status identified = Identify(peer, call);
  return identified.ok() ? CheckKnown(call) : identified;
}

absl::Status FrontDesk::Admit(absl::string_view leaf_pem, Call& call) {
  call.leaf_pem = std::string(leaf_pem);
  const absl::Status identified = IdentifyLeaf(call);
  return identified.ok() ? CheckKnown(call) : identified;
}

absl::Status FrontDesk::Renew(Call& call) {
  absl::StatusOr<core::Principal> caller =
      authenticator_.Authenticate(call.leaf_pem, clock_.Now());
  if (!caller.ok()) return caller.status();
  call.caller = *std::move(caller);
  call.policy = PolicyOf(authenticator_);
  return CheckKnown(call);
}

grpc::Status FrontDesk::Close(const Call& call, const absl::Status& status) {
  const absl::Duration took = base::SteadyNow() - call.start;
  observer_.OnRpc(call.method, status.code(), took);
  const int64_t took_us = took / absl::Microseconds(1);
  if (status.ok()) {
    base::Log(base::Severity::kInfo, "rpc",
              {{"method", call.method},
               {"code", "OK"},
               {"principal", call.caller.subject},
               {"resource", Shown(call.resource)},
               {"duration_us", took_us},
               {"call_id", call.id}});
    return grpc::Status::OK;
  }
  base::Log(
      SeverityOf(status), "rpc",
      {{"method", call.method},
       {"code", CodeName(status.code())},
       {"principal", call.caller.subject},
       {"resource", Shown(call.resource)},
       {"duration_us", took_us},
       {"call_id", call.id},
       {"reason", base::GetReason(status)},
       {"cause", Shown({status.message().data(), status.message().size()})}});
  return ToGrpcStatus(status, call.id);
}

absl::Status FrontDesk::Deny(const Call& call, const absl::Status& refusal) {
  return pipeline_
      .Call(core::MakeDenialFlow(call.caller, std::string(call.method),
                                 call.resource, refusal))
      .status();
}

void FrontDesk::Deny(const Call& call, const absl::Status& refusal,
                     std::function<void(absl::Status)> done) {
  pipeline_.Run(
      core::MakeDenialFlow(call.caller, std::string(call.method), call.resource,
                           refusal),
      [done = std::move(done)](core::Answer answer) { done(answer.status()); });
}

grpc::Status FrontDesk::Serve(
    grpc::ServerContext* context, absl::string_view method,
    const std::string& resource,
    const std::function<absl::Status(const Call&)>& body) {
  Call call = Open(method, resource);
  absl::Status status = Admit(*context->auth_context(), call);
  status = status.ok() ? body(call) : Deny(call, status);
  return Close(call, status);
}

}  // namespace countersign::server
