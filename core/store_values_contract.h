// What every Store must do: what was written is read, and what was not is told
// to be absent. A part of core/store_contract.h.
#ifndef COUNTERSIGN_CORE_STORE_VALUES_CONTRACT_H_
#define COUNTERSIGN_CORE_STORE_VALUES_CONTRACT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/status_matchers.h"
#include "core/names.h"
#include "core/product.h"
#include "core/sample_values.h"
#include "core/signing_request.h"
#include "core/store_contract_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::core {

TEST_P(StoreContract, KeepsEveryFieldOfAProduct) {
  const Product product = SampleProduct();
  Insert(product);
  ASSERT_OK_AND_ASSIGN(const Product read, store_->GetProduct(product.name));
  EXPECT_TRUE(read == product);
}

TEST_P(StoreContract, KeepsAProductWithNothingSet) {
  Product product;
  product.name = {"bare"};
  product.operations.resize(1);
  product.operations[0].name = {product.name, "op"};
  product.revision = 1;
  Insert(product);
  ASSERT_OK_AND_ASSIGN(const Product read, store_->GetProduct(product.name));
  EXPECT_TRUE(read == product);
}

TEST_P(StoreContract, KeepsEveryFieldOfARequest) {
  const SigningRequest request = SampleRequest();
  Insert(request);
  ASSERT_OK_AND_ASSIGN(const SigningRequest read,
                       store_->GetRequest(request.name));
  EXPECT_TRUE(read == request);
  EXPECT_EQ(Etag(read), Etag(request));
}

TEST_P(StoreContract, KeepsDecisionsAndSignatures) {
  SigningRequest request = SampleRequest();
  Insert(request);
  request.revision = 2;
  request.state = RequestState::kSigned;
  request.state_reason = "why \xe2\x82\xac";
  request.update_time += absl::Nanoseconds(7);
  request.decisions = {
      {DecisionKind::kApproval, Person("ann", {"release-approvers", "x"}), "",
       Etag(request), SampleTime() + absl::Nanoseconds(1)},
      {DecisionKind::kRejection, Person("bob", {}), "no\nreally", "other",
       SampleTime()}};
  request.signatures = {{std::string("\0\xff", 2), "one", 1},
                        {std::string(512, '\x80'), "other", 3}};
  Insert(request);
  ASSERT_OK_AND_ASSIGN(const SigningRequest read,
                       store_->GetRequest(request.name));
  EXPECT_TRUE(read == request);
}

TEST_P(StoreContract, KeepsEveryState) {
  int number = 0;
  for (const RequestState state :
       {RequestState::kPendingApproval, RequestState::kApproved,
        RequestState::kSigned, RequestState::kRejected, RequestState::kExpired,
        RequestState::kCancelled, RequestState::kFailed}) {
    SigningRequest request = SampleRequest(++number);
    request.state = state;
    Insert(request);
    ASSERT_OK_AND_ASSIGN(const SigningRequest read,
                         store_->GetRequest(request.name));
    EXPECT_TRUE(read == request) << ToString(state);
  }
}

TEST_P(StoreContract, KeepsARequestWithNothingSet) {
  SigningRequest request;
  request.name = SampleRequest().name;
  request.content.operation = request.name.operation;
  request.revision = 1;
  Insert(request);
  ASSERT_OK_AND_ASSIGN(const SigningRequest read,
                       store_->GetRequest(request.name));
  EXPECT_TRUE(read == request);
}

TEST_P(StoreContract, KeepsAThousandDigestsAndSignatures) {
  SigningRequest request = SampleRequest();
  request.content.digests = SampleDigests(1000, request.content.hash);
  request.signatures.assign(1000, {std::string(512, '\x01'), "one", 1});
  Insert(request);
  ASSERT_OK_AND_ASSIGN(const SigningRequest read,
                       store_->GetRequest(request.name));
  EXPECT_TRUE(read == request);
}

TEST_P(StoreContract, ReportsWhatIsNotThere) {
  EXPECT_THAT(store_->GetProduct({"nothing"}),
              base::HasCode(absl::StatusCode::kNotFound));
  EXPECT_THAT(store_->GetRequest(SampleRequest().name),
              base::HasCode(absl::StatusCode::kNotFound));
  Insert(SampleRequest(1));
  RequestName other_operation = SampleRequest(1).name;
  other_operation.operation.operation = "detached";
  EXPECT_THAT(store_->GetRequest(other_operation),
              base::HasCode(absl::StatusCode::kNotFound));
}

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_STORE_VALUES_CONTRACT_H_
