#include "tests/crash/scenario.h"

#include <set>
#include <utility>

#include "absl/time/time.h"
#include "base/status_macros.h"
#include "core/flows.h"

namespace countersign::crash {
namespace {

using core::RequestState;
using core::RequestVerb;

core::Principal Somebody(const std::string& subject,
                         std::set<std::string> groups) {
  core::Principal principal;
  principal.subject = subject;
  principal.issuer = "CN=Test CA";
  principal.credential_fingerprint = std::string(64, 'a');
  principal.groups = std::move(groups);
  return principal;
}

core::Principal Admin() {
  return Somebody("email:admin@example.test", {"admins"});
}
core::Principal Owner() {
  return Somebody("email:owner@example.test", {"owners"});
}
core::Principal Pipeline() {
  return Somebody("spiffe://example.test/ci", {"ci"});
}
core::Principal Nightly() {
  return Somebody("spiffe://example.test/nightly", {"nightly"});
}
core::Principal Approver() {
  return Somebody("email:alice@example.test", {"release"});
}

core::ProductName ShopName() { return {"shop"}; }

core::OperationName ReleaseName() { return {ShopName(), "release"}; }

core::Product Shop() {
  core::Product product;
  product.name = ShopName();
  product.display_name = "Shop";
  product.request_id = "shop";
  core::Operation operation;
  operation.name = ReleaseName();
  operation.display_name = "Release";
  operation.key_type = core::KeyType::kEcP256;
  operation.allowed_hashes = {core::HashAlgorithm::kSha256};
  operation.allowed_algorithms = {core::SignatureAlgorithm::kEcdsa};
  operation.rule.allowed_groups = {"ci"};
  operation.rule.approval_groups = {"release"};
  operation.rule.blanket_groups = {"nightly"};
  operation.rule.required_approvals = 1;
  product.operations.push_back(operation);
  return product;
}

}  // namespace

core::Policy ScenarioPolicy() {
  core::Policy policy;
  policy.known_groups = {"admins", "owners", "ci", "nightly", "release"};
  policy.administrator_groups = {"admins"};
  policy.product_approver_groups = {"owners"};
  return policy;
}

std::vector<ExpectedRequest> ExpectedRequests() {
  return {{"nightly-1", RequestState::kSigned},
          {"nightly-2", RequestState::kSigned},
          {"released", RequestState::kSigned},
          {"rejected", RequestState::kRejected},
          {"cancelled", RequestState::kCancelled}};
}

absl::Status Scenario::Run() {
  RETURN_IF_ERROR(MakeProduct());
  RETURN_IF_ERROR(ApproveProduct());
  RETURN_IF_ERROR(Ask(Nightly(), "nightly-1").status());
  RETURN_IF_ERROR(parts_.integrate());
  RETURN_IF_ERROR(Ask(Nightly(), "nightly-2").status());

  ASSIGN_OR_RETURN(const auto released, Ask(Pipeline(), "released"));
  RETURN_IF_ERROR(Decide(RequestVerb::kApprove, Approver(), released));
  RETURN_IF_ERROR(AwaitSigned(released.name));
  ASSIGN_OR_RETURN(const auto rejected, Ask(Pipeline(), "rejected"));
  RETURN_IF_ERROR(Decide(RequestVerb::kReject, Approver(), rejected));
  Deny();
  ASSIGN_OR_RETURN(const auto cancelled, Ask(Pipeline(), "cancelled"));
  RETURN_IF_ERROR(Decide(RequestVerb::kCancel, Pipeline(), cancelled));

  // What a crash left APPROVED is signed by recovery, not by asking again.
  for (const std::string id : {"nightly-1", "nightly-2"}) {
    ASSIGN_OR_RETURN(const auto request, Ask(Nightly(), id));
    RETURN_IF_ERROR(AwaitSigned(request.name));
  }
  return parts_.integrate();
}

absl::Status Scenario::MakeProduct() {
  const core::Answer answer =
      parts_.pipeline.Call(core::MakeCreateProductFlow({Admin(), Shop()}));
  RETURN_IF_ERROR(answer.status());
  parts_.journal.Answered(std::get<core::Product>(*answer));
  return absl::OkStatus();
}

absl::Status Scenario::ApproveProduct() {
  ASSIGN_OR_RETURN(core::Product product, parts_.store.GetProduct(ShopName()));
  if (product.state == core::ProductState::kPendingApproval &&
      !product.decision.has_value()) {
    core::DecideProduct input;
    input.verb = core::ProductVerb::kApprove;
    input.caller = Owner();
    input.product = ShopName();
    input.etag = std::to_string(product.revision);
    input.key_ids = {parts_.random.Bytes(16)};
    const core::Answer answer =
        parts_.pipeline.Call(core::MakeDecideProductFlow(std::move(input)));
    RETURN_IF_ERROR(answer.status());
    parts_.journal.Answered(std::get<core::Product>(*answer));
  }
  return Await([this]() -> absl::StatusOr<bool> {
    ASSIGN_OR_RETURN(const core::Product now,
                     parts_.store.GetProduct(ShopName()));
    return now.state == core::ProductState::kActive;
  });
}

absl::StatusOr<core::SigningRequest> Scenario::Ask(
    const core::Principal& who, const std::string& request_id) {
  core::CreateRequest input;
  input.caller = who;
  input.content.operation = ReleaseName();
  input.content.algorithm = core::SignatureAlgorithm::kEcdsa;
  // Two digests of its own, so that a use of the key tells whose it was.
  for (const char* part : {"first", "second"}) {
    std::string digest = request_id + " " + part;
    digest.resize(32, '.');
    input.content.digests.push_back({part, digest});
  }
  input.request_id = request_id;
  input.new_id = base::MakeUuid7(parts_.clock.Now(), parts_.random);
  const core::Answer answer =
      parts_.pipeline.Call(core::MakeCreateRequestFlow(std::move(input)));
  RETURN_IF_ERROR(answer.status());
  core::SigningRequest request = std::get<core::SigningRequest>(*answer);
  parts_.journal.Answered(request);
  return request;
}

absl::Status Scenario::Decide(RequestVerb verb, const core::Principal& who,
                              const core::SigningRequest& request) {
  ASSIGN_OR_RETURN(const auto now, parts_.store.GetRequest(request.name));
  if (now.state != RequestState::kPendingApproval) return absl::OkStatus();
  core::DecideRequest input;
  input.verb = verb;
  input.caller = who;
  input.request = now;
  input.etag = core::Etag(now);
  input.reason = "as the scenario says";
  const core::Answer answer =
      parts_.pipeline.Call(core::MakeDecideRequestFlow(std::move(input)));
  RETURN_IF_ERROR(answer.status());
  parts_.journal.Answered(std::get<core::SigningRequest>(*answer));
  return absl::OkStatus();
}

absl::Status Scenario::AwaitSigned(const core::RequestName& name) {
  RETURN_IF_ERROR(Await([&]() -> absl::StatusOr<bool> {
    ASSIGN_OR_RETURN(const auto request, parts_.store.GetRequest(name));
    return request.state == RequestState::kSigned;
  }));
  ASSIGN_OR_RETURN(const auto request, parts_.store.GetRequest(name));
  parts_.journal.Answered(request);
  return absl::OkStatus();
}

absl::Status Scenario::Await(
    const std::function<absl::StatusOr<bool>()>& done) {
  const absl::Duration give_up = base::SteadyNow() + absl::Seconds(20);
  while (base::SteadyNow() < give_up) {
    ASSIGN_OR_RETURN(const bool is_done, done());
    if (is_done) return absl::OkStatus();
    parts_.recover();
    base::SleepFor(absl::Milliseconds(2));
  }
  return absl::DeadlineExceededError("nothing finished what was under way");
}

void Scenario::Deny() {
  core::DecideProduct input;
  input.verb = core::ProductVerb::kDisable;
  input.caller = Pipeline();
  input.product = ShopName();
  (void)parts_.pipeline.Call(core::MakeDecideProductFlow(std::move(input)));
}

}  // namespace countersign::crash
