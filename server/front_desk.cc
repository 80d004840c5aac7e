#include "server/front_desk.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/encoding.h"
#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "base/secret_bytes.h"
#include "base/status_macros.h"
#include "core/access.h"
#include "core/errors.h"
#include "core/flows.h"
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

// Somebody was turned away; other errors are the server's own.
bool IsRefusal(const absl::Status& status) {
  return absl::IsUnauthenticated(status) || absl::IsPermissionDenied(status) ||
         absl::IsNotFound(status);
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
      observer_(observer),
      limit_(DenialLimit::Options()) {}

Call FrontDesk::Open(absl::string_view method, const std::string& resource) {
  Call call;
  call.method = method;
  call.resource = Cut(resource);
  call.id = base::HexEncode(random_.Bytes(kCallIdOctets));
  call.start = base::SteadyNow();
  call.policy = PolicyOf(authenticator_);
  return call;
}

absl::Status FrontDesk::Identify(CallerCredentials credentials, Call& call) {
  call.credentials = std::move(credentials);
  if (authenticator_.snapshot()->token_issuers.empty()) {
    call.credentials.token = base::SecretBytes();
    call.credentials.malformed = absl::OkStatus();
  }
  const absl::Status status = call.credentials.malformed.ok()
                                  ? Authenticate(clock_.Now(), call)
                                  : call.credentials.malformed;
  observer_.OnAuthentication(KindOf(call.credentials),
                             status.ok() ? "ok" : base::GetReason(status));
  return status;
}

absl::Status FrontDesk::Authenticate(absl::Time at, Call& call) {
  ASSIGN_OR_RETURN(
      auth::Authenticated who,
      authenticator_.Authenticate(
          auth::CallCredentials{call.credentials.leaf_pem,
                                call.credentials.token.DangerouslyExpose()},
          at));
  call.caller = std::move(who.principal);
  call.credential_expire_time = who.expire_time;
  call.token_issuer = std::move(who.token_issuer);
  return absl::OkStatus();
}

absl::Status FrontDesk::Admit(CallerCredentials credentials, Call& call) {
  RETURN_IF_ERROR(Identify(std::move(credentials), call));
  return CheckKnown(call);
}

absl::Status FrontDesk::Renew(Call& call) {
  RETURN_IF_ERROR(Authenticate(clock_.Now(), call));
  call.policy = PolicyOf(authenticator_);
  return CheckKnown(call);
}

absl::Status FrontDesk::RenewWaiting(Call& call) {
  absl::Time at = clock_.Now();
  if (!call.token_issuer.empty()) {
    // The connection's certificate counts to its own end.
    if (!call.credentials.leaf_pem.empty()) {
      RETURN_IF_ERROR(
          authenticator_.Authenticate(call.credentials.leaf_pem, at).status());
    }
    at = std::min(at, call.credential_expire_time - absl::Seconds(1));
  }
  RETURN_IF_ERROR(Authenticate(at, call));
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
       {"peer", call.credentials.peer},
       {"duration_us", took_us},
       {"call_id", call.id},
       {"reason", base::GetReason(status)},
       {"cause", Shown({status.message().data(), status.message().size()})}});
  return ToGrpcStatus(status, call.id);
}

FrontDesk::Denial FrontDesk::MakeDenial(const Call& call,
                                        const absl::Status& refusal) {
  Denial denial;
  if (!IsRefusal(refusal)) return denial;
  core::Principal actor = call.caller;
  base::Json::Object details;
  if (actor.subject.empty()) {
    const absl::Time now = clock_.Now();
    const std::optional<int64_t> left_out = limit_.Take(now);
    if (!left_out.has_value()) {
      observer_.OnUnrecordedDenial();
      return denial;
    }
    actor.subject = kAnonymous;
    if (!call.credentials.token.empty()) {
      actor.credential = core::CredentialKind::kBearerToken;
    } else if (call.credentials.leaf_pem.empty()) {
      actor.credential = core::CredentialKind::kNone;
    }
    details = DescribeRefused(call.credentials, now);
    if (*left_out > 0) details.emplace_back("notRecorded", *left_out);
    denial.tells = *left_out + 1;
  }
  denial.flow =
      core::MakeDenialFlow(std::move(actor), std::string(call.method),
                           call.resource, refusal, std::move(details));
  return denial;
}

void FrontDesk::OnDenied(int64_t tells, const absl::Status& refusal,
                         const absl::Status& told) {
  if (told.code() != refusal.code()) limit_.Return(tells);
}

absl::Status FrontDesk::Deny(const Call& call, const absl::Status& refusal) {
  Denial denial = MakeDenial(call, refusal);
  if (denial.flow == nullptr) return refusal;
  const absl::Status told = pipeline_.Call(std::move(denial.flow)).status();
  OnDenied(denial.tells, refusal, told);
  return told;
}

void FrontDesk::Deny(const Call& call, const absl::Status& refusal,
                     std::function<void(absl::Status)> done) {
  Denial denial = MakeDenial(call, refusal);
  if (denial.flow == nullptr) return done(refusal);
  pipeline_.Run(std::move(denial.flow),
                [this, tells = denial.tells, refusal,
                 done = std::move(done)](const core::Answer& answer) {
                  OnDenied(tells, refusal, answer.status());
                  done(answer.status());
                });
}

grpc::Status FrontDesk::Serve(
    grpc::ServerContext* context, absl::string_view method,
    const std::string& resource,
    const std::function<absl::Status(const Call&)>& body) {
  Call call = Open(method, resource);
  absl::Status status = Admit(CredentialsOf(*context), call);
  status = status.ok() ? body(call) : Deny(call, status);
  return Close(call, status);
}

}  // namespace countersign::server
