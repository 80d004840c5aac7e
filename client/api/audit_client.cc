#include "client/api/audit_client.h"

#include "base/status_macros.h"
#include "client/api/call.h"
#include "countersign/v1/audit_service.grpc.pb.h"
#include "countersign/v1/identity_service.grpc.pb.h"

namespace countersign::client {
namespace {

using v1::AuditService;
using Stub = AuditService::StubInterface;

constexpr int kPageSize = 1000;

}  // namespace

absl::Status AuditClient::ListEvents(
    const v1::ListEventsRequest::Filter& filter,
    const std::function<bool(const v1::Event&)>& take) {
  v1::ListEventsRequest request;
  *request.mutable_filter() = filter;
  request.set_page_size(kPageSize);
  const auto stub = AuditService::NewStub(connection_.channel());
  do {
    ASSIGN_OR_RETURN(
        const v1::ListEventsResponse page,
        Call(connection_, Repeat::kHarmless, static_cast<Stub&>(*stub),
             &Stub::ListEvents, request));
    for (const v1::Event& event : page.events()) {
      if (!take(event)) return absl::OkStatus();
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

absl::StatusOr<v1::Checkpoint> AuditClient::GetCheckpoint() {
  const auto stub = AuditService::NewStub(connection_.channel());
  return Call(connection_, Repeat::kHarmless, static_cast<Stub&>(*stub),
              &Stub::GetCheckpoint, v1::GetCheckpointRequest());
}

absl::StatusOr<v1::ConsistencyProof> AuditClient::GetConsistencyProof(
    int64_t first_size, int64_t second_size) {
  v1::GetConsistencyProofRequest request;
  request.set_first_tree_size(first_size);
  request.set_second_tree_size(second_size);
  const auto stub = AuditService::NewStub(connection_.channel());
  return Call(connection_, Repeat::kHarmless, static_cast<Stub&>(*stub),
              &Stub::GetConsistencyProof, request);
}

absl::StatusOr<v1::Caller> GetCaller(Connection& connection) {
  using IdentityStub = v1::IdentityService::StubInterface;
  const auto stub = v1::IdentityService::NewStub(connection.channel());
  return Call(connection, Repeat::kHarmless, static_cast<IdentityStub&>(*stub),
              &IdentityStub::GetCaller, v1::GetCallerRequest());
}

}  // namespace countersign::client
