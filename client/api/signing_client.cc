#include "client/api/signing_client.h"

#include <utility>

#include "base/status_macros.h"
#include "client/api/call.h"
#include "client/api/integrity.h"
#include "countersign/v1/signing_service.grpc.pb.h"

namespace countersign::client {
namespace {

using v1::SigningService;
using Stub = SigningService::StubInterface;

constexpr int kPageSize = 1000;

absl::StatusOr<v1::SigningRequest> Checked(
    absl::StatusOr<v1::SigningRequest> request) {
  if (request.ok()) RETURN_IF_ERROR(CheckChecksums(*request));
  return request;
}

}  // namespace

bool IsFinal(v1::SigningRequest::State state) {
  return state == v1::SigningRequest::SIGNED ||
         state == v1::SigningRequest::REJECTED ||
         state == v1::SigningRequest::EXPIRED ||
         state == v1::SigningRequest::CANCELLED ||
         state == v1::SigningRequest::FAILED;
}

absl::StatusOr<v1::SigningRequest> SigningClient::Create(
    v1::CreateSigningRequestRequest request, Standing standing) {
  if (request.request_id().empty()) {
    request.set_request_id(
        base::MakeUuid7(connection_.clock().Now(), connection_.random()));
  }
  SetDigestChecksums(*request.mutable_signing_request());
  const auto stub = SigningService::NewStub(connection_.channel());
  CallRules rules{connection_.options().call_timeout, Repeat::kHarmless};
  if (standing == Standing::kReturn) {
    rules.enough = [](const absl::Status& status) {
      return !StandingRequest(status).empty();
    };
  }
  ASSIGN_OR_RETURN(v1::SigningRequest answer,
                   Checked(CallBy(rules, connection_, static_cast<Stub&>(*stub),
                                  &Stub::CreateSigningRequest, request)));
  RETURN_IF_ERROR(CheckSameDigests(request.signing_request(), answer));
  return answer;
}

absl::StatusOr<v1::SigningRequest> SigningClient::Get(const std::string& name) {
  v1::GetSigningRequestRequest request;
  request.set_name(name);
  const auto stub = SigningService::NewStub(connection_.channel());
  return Checked(Call(connection_, Repeat::kHarmless, static_cast<Stub&>(*stub),
                      &Stub::GetSigningRequest, request));
}

absl::StatusOr<std::vector<v1::SigningRequest>> SigningClient::List(
    const std::string& parent,
    const std::vector<v1::SigningRequest::State>& states) {
  v1::ListSigningRequestsRequest request;
  request.set_parent(parent);
  request.set_page_size(kPageSize);
  for (const v1::SigningRequest::State state : states) {
    request.add_states(state);
  }
  const auto stub = SigningService::NewStub(connection_.channel());
  std::vector<v1::SigningRequest> all;
  do {
    ASSIGN_OR_RETURN(
        v1::ListSigningRequestsResponse page,
        Call(connection_, Repeat::kHarmless, static_cast<Stub&>(*stub),
             &Stub::ListSigningRequests, request));
    for (v1::SigningRequest& one : *page.mutable_signing_requests()) {
      all.push_back(std::move(one));
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return all;
}

absl::StatusOr<v1::SigningRequest> SigningClient::Cancel(
    const std::string& name, const std::string& reason) {
  v1::CancelSigningRequestRequest request;
  request.set_name(name);
  request.set_reason(reason);
  const auto stub = SigningService::NewStub(connection_.channel());
  return Checked(Call(connection_, Repeat::kIfNotBegun,
                      static_cast<Stub&>(*stub), &Stub::CancelSigningRequest,
                      request));
}

absl::StatusOr<v1::SigningRequest> SigningClient::Approve(
    const std::string& name, const std::string& etag,
    const std::string& reason) {
  v1::ApproveSigningRequestRequest request;
  request.set_name(name);
  request.set_etag(etag);
  request.set_reason(reason);
  const auto stub = SigningService::NewStub(connection_.channel());
  return Checked(Call(connection_, Repeat::kIfNotBegun,
                      static_cast<Stub&>(*stub), &Stub::ApproveSigningRequest,
                      request));
}

absl::StatusOr<v1::SigningRequest> SigningClient::Reject(
    const std::string& name, const std::string& etag,
    const std::string& reason) {
  v1::RejectSigningRequestRequest request;
  request.set_name(name);
  request.set_etag(etag);
  request.set_reason(reason);
  const auto stub = SigningService::NewStub(connection_.channel());
  return Checked(Call(connection_, Repeat::kIfNotBegun,
                      static_cast<Stub&>(*stub), &Stub::RejectSigningRequest,
                      request));
}

}  // namespace countersign::client
