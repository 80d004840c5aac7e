// A small site for tests of flows: people, groups, a product that can be asked.
#ifndef COUNTERSIGN_CORE_FLOW_FIXTURE_H_
#define COUNTERSIGN_CORE_FLOW_FIXTURE_H_

#include <string>
#include <utility>
#include <vector>

#include "base/fake_clock.h"
#include "base/random.h"
#include "base/status_matchers.h"
#include "core/fake_signer.h"
#include "core/fake_store.h"
#include "core/flow_test_driver.h"
#include "core/flows.h"
#include "gtest/gtest.h"

namespace countersign::core {

inline Principal Person(const std::string& subject,
                        std::set<std::string> groups) {
  Principal p;
  p.subject = subject;
  p.issuer = "CN=Test CA";
  p.credential_fingerprint = std::string(64, 'a');
  p.groups = std::move(groups);
  return p;
}

inline Policy TestPolicy() {
  Policy policy;
  policy.known_groups = {"admins", "owners",  "auditors",
                         "ci",     "release", "nightly"};
  policy.administrator_groups = {"admins"};
  policy.product_approver_groups = {"owners"};
  policy.auditor_groups = {"auditors"};
  policy.tokens = {"main", "standby"};
  policy.default_token = "main";
  return policy;
}

class FlowFixture : public testing::Test {
 protected:
  FlowFixture() : driver_(store_, signer_, clock_, TestPolicy()) {
    signer_.SetTokens(TestPolicy().tokens);
  }

  Principal admin_ = Person("email:admin@example.test", {"admins"});
  Principal owner_ = Person("email:owner@example.test", {"owners"});
  Principal ci_ = Person("spiffe://example.test/ci", {"ci"});
  Principal alice_ = Person("email:alice@example.test", {"release"});
  Principal bob_ = Person("email:bob@example.test", {"release"});
  Principal nightly_ = Person("spiffe://example.test/nightly", {"nightly"});
  Principal stranger_ = Person("email:eve@example.test", {});

  base::FakeClock clock_;
  base::FakeRandom random_;
  FakeStore store_;
  FakeSigner signer_{clock_};
  FlowTestDriver driver_;

  // "shop" with one P-256 operation: ci asks, one of release agrees, nightly
  // needs nobody.
  Product ProductToBe(int required = 1) const {
    Product product;
    product.name = ProductName{"shop"};
    product.display_name = "Shop";
    Operation operation;
    operation.name = OperationName{product.name, "release"};
    operation.display_name = "Release";
    operation.key_type = KeyType::kEcP256;
    operation.allowed_hashes = {HashAlgorithm::kSha256, HashAlgorithm::kSha384};
    operation.allowed_algorithms = {SignatureAlgorithm::kEcdsa};
    operation.rule.allowed_groups = {"ci", "release"};
    operation.rule.approval_groups = {"release"};
    operation.rule.blanket_groups = {"nightly"};
    operation.rule.required_approvals = required;
    product.operations.push_back(operation);
    return product;
  }

  Answer Create(const Product& product) {
    return *driver_.Run(MakeCreateProductFlow({admin_, product}));
  }

  DecideProduct Approval(const Principal& who) {
    DecideProduct input;
    input.verb = ProductVerb::kApprove;
    input.caller = who;
    input.product = ProductName{"shop"};
    input.etag = "1";
    input.key_ids = {random_.Bytes(16)};
    return input;
  }

  // The product in use.
  void SetUpShop(int required = 1) {
    ASSERT_OK(Create(ProductToBe(required)));
    ASSERT_OK(*driver_.Run(MakeDecideProductFlow(Approval(owner_))));
  }

  CreateRequest Ask(const Principal& who, const std::string& request_id = "") {
    CreateRequest input;
    input.caller = who;
    input.content.operation = OperationName{ProductName{"shop"}, "release"};
    input.content.algorithm = SignatureAlgorithm::kEcdsa;
    input.content.digests = {{"shop.tar", std::string(32, 'd')}};
    input.content.description = "release 1.0";
    input.request_id = request_id;
    input.new_id = base::MakeUuid7(clock_.Now(), random_);
    return input;
  }

  absl::StatusOr<SigningRequest> Create(CreateRequest input) {
    return RequestOf(driver_.Run(MakeCreateRequestFlow(std::move(input))));
  }

  absl::StatusOr<SigningRequest> Decide(RequestVerb verb, const Principal& who,
                                        const SigningRequest& request,
                                        const std::string& reason = "",
                                        const std::string& etag = "") {
    DecideRequest input;
    input.verb = verb;
    input.caller = who;
    input.request = request;
    input.etag = etag.empty() ? Etag(request) : etag;
    input.reason = reason;
    return RequestOf(driver_.Run(MakeDecideRequestFlow(std::move(input))));
  }

  static absl::StatusOr<SigningRequest> RequestOf(
      const std::optional<Answer>& answer) {
    if (!answer.has_value()) return absl::CancelledError("no answer");
    if (!answer->ok()) return answer->status();
    return std::get<SigningRequest>(**answer);
  }

  SigningRequest Stored(const SigningRequest& request) {
    absl::StatusOr<SigningRequest> stored = store_.GetRequest(request.name);
    EXPECT_OK(stored);
    return stored.ok() ? *stored : SigningRequest();
  }

  // How many leaves of that type the log holds.
  int Leaves(EventType type) {
    LeafQuery query;
    query.limit = 1000;
    query.types = {type};
    absl::StatusOr<std::vector<Leaf>> leaves = store_.ReadLeaves(query);
    EXPECT_OK(leaves);
    return leaves.ok() ? static_cast<int>(leaves->size()) : -1;
  }
};

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_FLOW_FIXTURE_H_
