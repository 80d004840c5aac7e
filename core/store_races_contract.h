// What every Store must do with changes that meet: revisions, lost races, many
// change sets in one commit. A part of core/store_contract.h.
#ifndef COUNTERSIGN_CORE_STORE_RACES_CONTRACT_H_
#define COUNTERSIGN_CORE_STORE_RACES_CONTRACT_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "core/event.h"
#include "core/product.h"
#include "core/sample_values.h"
#include "core/signing_request.h"
#include "core/store.h"
#include "core/store_contract_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::core {

// --- Revisions and lost races ------------------------------------------------

TEST_P(StoreContract, ReplacesTheRevisionBefore) {
  Product product = SampleProduct();
  SigningRequest request = SampleRequest();
  Insert(product);
  Insert(request);
  product.state = ProductState::kDisabled;
  product.operations.pop_back();
  product.revision = 2;
  request.state = RequestState::kCancelled;
  request.revision = 2;
  ChangeSet both = With(product);
  both.requests = {request};
  FirstLeaf(CommitOne(both));
  ASSERT_OK_AND_ASSIGN(const Product p, store_->GetProduct(product.name));
  EXPECT_TRUE(p == product);
  ASSERT_OK_AND_ASSIGN(const SigningRequest r,
                       store_->GetRequest(request.name));
  EXPECT_TRUE(r == request);
}

TEST_P(StoreContract, LosesTheRaceForAProduct) {
  const Product there = SampleProduct();
  Insert(there);
  for (const int64_t revision : {1, 3}) {
    Product late = there;
    late.revision = revision;
    late.display_name = "late";
    const LostRace race = Lost(CommitOne(With(late)), LostRace::What::kProduct);
    ASSERT_TRUE(race.product.has_value());
    EXPECT_TRUE(*race.product == there);
  }
  ASSERT_OK_AND_ASSIGN(const Product read, store_->GetProduct(there.name));
  EXPECT_TRUE(read == there);
}

TEST_P(StoreContract, LosesTheRaceForARequest) {
  const SigningRequest there = SampleRequest();
  Insert(there);
  for (const int64_t revision : {1, 3}) {
    SigningRequest late = there;
    late.revision = revision;
    late.state = RequestState::kRejected;
    const LostRace race = Lost(CommitOne(With(late)), LostRace::What::kRequest);
    ASSERT_TRUE(race.request.has_value());
    EXPECT_TRUE(*race.request == there);
  }
  ASSERT_OK_AND_ASSIGN(const SigningRequest read,
                       store_->GetRequest(there.name));
  EXPECT_TRUE(read == there);
}

TEST_P(StoreContract, LosesTheRaceWhereNothingIsToReplace) {
  Product product = SampleProduct();
  product.revision = 2;
  EXPECT_FALSE(Lost(CommitOne(With(product)), LostRace::What::kProduct)
                   .product.has_value());
  SigningRequest request = SampleRequest();
  request.revision = 2;
  EXPECT_FALSE(Lost(CommitOne(With(request)), LostRace::What::kRequest)
                   .request.has_value());
}

TEST_P(StoreContract, LosesTheRaceForATakenRequestId) {
  const SigningRequest there = SampleRequest(1);
  Insert(there);
  SigningRequest late = SampleRequest(2);
  late.request_id = there.request_id;
  const LostRace race = Lost(CommitOne(With(late)), LostRace::What::kRequestId);
  ASSERT_TRUE(race.request.has_value());
  EXPECT_TRUE(*race.request == there);
  EXPECT_THAT(store_->GetRequest(late.name),
              base::HasCode(absl::StatusCode::kNotFound));
}

TEST_P(StoreContract, FindsATakenRequestIdAfterTheRequestChanged) {
  SigningRequest there = SampleRequest(1);
  Insert(there);
  there.revision = 2;
  there.state = RequestState::kCancelled;
  Insert(there);
  SigningRequest late = SampleRequest(2);
  late.request_id = there.request_id;
  const LostRace race = Lost(CommitOne(With(late)), LostRace::What::kRequestId);
  ASSERT_TRUE(race.request.has_value());
  EXPECT_TRUE(*race.request == there);
}

TEST_P(StoreContract, AllowsARequestIdToAnotherRequester) {
  Insert(SampleRequest(1));
  SigningRequest other_subject = SampleRequest(2);
  other_subject.request_id = SampleRequest(1).request_id;
  other_subject.requester.subject += "-2";
  Insert(other_subject);
  SigningRequest other_issuer = SampleRequest(3);
  other_issuer.request_id = SampleRequest(1).request_id;
  other_issuer.requester.issuer += "-2";
  Insert(other_issuer);
  EXPECT_EQ(Ids({}), Uuids({3, 2, 1}));
}

TEST_P(StoreContract, AllowsManyRequestsWithoutRequestId) {
  for (const int number : {1, 2, 3}) {
    SigningRequest request = SampleRequest(number);
    request.request_id.clear();
    Insert(request);
  }
  EXPECT_EQ(Ids({}), Uuids({3, 2, 1}));
}

TEST_P(StoreContract, ChecksTheExpectedRevisionOfAProduct) {
  Product product = SampleProduct();
  Insert(product);
  ChangeSet set = With(SampleRequest(1));
  set.expected = {{product.name, 1}};
  FirstLeaf(CommitOne(set));
  product.revision = 2;
  Insert(product);
  set = With(SampleRequest(2));
  set.expected = {{product.name, 1}};
  const LostRace race = Lost(CommitOne(set), LostRace::What::kProduct);
  ASSERT_TRUE(race.product.has_value());
  EXPECT_TRUE(*race.product == product);
  set.expected = {{{"absent"}, 1}};
  EXPECT_FALSE(
      Lost(CommitOne(set), LostRace::What::kProduct).product.has_value());
  EXPECT_EQ(Ids({}), Uuids({1}));
}

// --- Many change sets in one commit ------------------------------------------

TEST_P(StoreContract, AppliesEachChangeSetWholeOrNotAtAll) {
  Insert(SampleRequest(1));
  // The first part of it could be applied; the second has lost.
  ChangeSet loses = With(SampleRequest(2));
  loses.requests.push_back(SampleRequest(1));
  loses.products = {SampleProduct("never")};
  loses.events = {SampleEvent(EventType::kRequestCreated, "a", "never")};
  const CommitOutcome outcome = CommitOne(loses);
  Lost(outcome, LostRace::What::kRequest);
  EXPECT_EQ(Ids({}), Uuids({1}));
  EXPECT_THAT(store_->GetProduct({"never"}),
              base::HasCode(absl::StatusCode::kNotFound));
  EXPECT_EQ(LeafCount(), 0u);
}

TEST_P(StoreContract, AppliesTheOthersWhereOneLoses) {
  std::vector<ChangeSet> sets;
  for (const int number : {1, 1, 2}) {
    sets.push_back(With(SampleRequest(number)));
    sets.back().events = {
        SampleEvent(EventType::kRequestCreated, "a", absl::StrCat("r", number)),
        SampleEvent(EventType::kRequestSigned, "a", absl::StrCat("r", number))};
  }
  const std::vector<CommitOutcome> outcomes = Commit(sets);
  ASSERT_EQ(outcomes.size(), 3u);
  EXPECT_EQ(FirstLeaf(outcomes[0]), 0u);
  Lost(outcomes[1], LostRace::What::kRequest);
  EXPECT_EQ(FirstLeaf(outcomes[2]), 2u);
  EXPECT_EQ(Ids({}), Uuids({2, 1}));
  EXPECT_EQ(LeafNumbers({}), (std::vector<uint64_t>{0, 1, 2, 3}));
}

TEST_P(StoreContract, LetsALaterChangeSetSeeAnEarlierOne) {
  SigningRequest next = SampleRequest(1);
  next.revision = 2;
  next.state = RequestState::kApproved;
  SigningRequest same_id = SampleRequest(2);
  same_id.request_id = next.request_id;
  const std::vector<CommitOutcome> outcomes =
      Commit({With(SampleRequest(1)), With(next), With(same_id)});
  FirstLeaf(outcomes[0]);
  FirstLeaf(outcomes[1]);
  const LostRace race = Lost(outcomes[2], LostRace::What::kRequestId);
  ASSERT_TRUE(race.request.has_value());
  EXPECT_TRUE(*race.request == next);
}

TEST_P(StoreContract, AcceptsAnEmptyCommitAndAnEmptyChangeSet) {
  EXPECT_THAT(Commit({}), testing::IsEmpty());
  Insert(SampleEvent(EventType::kServerStarted, "server", ""));
  EXPECT_EQ(FirstLeaf(CommitOne({})), 1u);
  EXPECT_EQ(LeafCount(), 1u);
}

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_STORE_RACES_CONTRACT_H_
