// What every Store must do, as tests: FakeStore and storage/ instantiate
// StoreContract with a factory (INSTANTIATE_TEST_SUITE_P). Longer than a header
// should be: it is one table of promises.
#ifndef COUNTERSIGN_CORE_STORE_CONTRACT_H_
#define COUNTERSIGN_CORE_STORE_CONTRACT_H_

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "base/status_matchers.h"
#include "core/event.h"
#include "core/product.h"
#include "core/sample_values.h"
#include "core/signing_request.h"
#include "core/store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::core {

struct StoreContractParam {
  std::string name;
  // An empty store.
  std::function<std::shared_ptr<Store>()> make;
};

inline std::string StoreContractName(
    const testing::TestParamInfo<StoreContractParam>& info) {
  return info.param.name;
}

class StoreContract : public testing::TestWithParam<StoreContractParam> {
 protected:
  void SetUp() override {
    store_ = GetParam().make();
    ASSERT_NE(store_, nullptr);
  }

  std::vector<CommitOutcome> Commit(const std::vector<ChangeSet>& sets) {
    absl::StatusOr<std::vector<CommitOutcome>> outcomes = store_->Commit(sets);
    EXPECT_OK(outcomes);
    if (!outcomes.ok()) return std::vector<CommitOutcome>(sets.size());
    EXPECT_EQ(outcomes->size(), sets.size());
    return *std::move(outcomes);
  }
  CommitOutcome CommitOne(const ChangeSet& set) { return Commit({set})[0]; }

  static ChangeSet With(Product product) {
    ChangeSet set;
    set.products.push_back(std::move(product));
    return set;
  }
  static ChangeSet With(SigningRequest request) {
    ChangeSet set;
    set.requests.push_back(std::move(request));
    return set;
  }
  static ChangeSet With(Event event) {
    ChangeSet set;
    set.events.push_back(std::move(event));
    return set;
  }
  static ChangeSet WithTree(uint64_t size, std::string checkpoint,
                            std::vector<Tile> tiles) {
    ChangeSet set;
    set.tree = TreeUpdate{size, std::move(tiles), std::move(checkpoint)};
    return set;
  }

  // The lost race that must have come out.
  static LostRace Lost(const CommitOutcome& outcome, LostRace::What what) {
    if (!std::holds_alternative<LostRace>(outcome)) {
      ADD_FAILURE() << "committed, though the race is lost";
      return {};
    }
    const LostRace& race = std::get<LostRace>(outcome);
    EXPECT_EQ(race.what, what);
    return race;
  }
  static uint64_t FirstLeaf(const CommitOutcome& outcome) {
    if (!std::holds_alternative<Committed>(outcome)) {
      ADD_FAILURE() << "the race is lost, though nothing stood in the way";
      return ~uint64_t{0};
    }
    return std::get<Committed>(outcome).first_leaf;
  }
  void Insert(const SigningRequest& r) { FirstLeaf(CommitOne(With(r))); }
  void Insert(const Product& p) { FirstLeaf(CommitOne(With(p))); }
  void Insert(const Event& e) { FirstLeaf(CommitOne(With(e))); }

  // All pages of a query, as the ids' numbers (SampleUuid).
  std::vector<std::string> Ids(RequestQuery query) {
    std::vector<std::string> ids;
    for (int page_number = 0; page_number < 100; ++page_number) {
      absl::StatusOr<Page<SigningRequest>> page = store_->ListRequests(query);
      EXPECT_OK(page);
      if (!page.ok()) return ids;
      EXPECT_LE(page->items.size(), static_cast<size_t>(query.limit));
      for (const SigningRequest& r : page->items) ids.push_back(r.name.id);
      query.cursor = page->next_cursor;
      if (query.cursor.empty()) return ids;
    }
    ADD_FAILURE() << "the pages have no end";
    return ids;
  }
  static std::vector<std::string> Uuids(const std::vector<int>& numbers) {
    std::vector<std::string> ids;
    for (const int number : numbers) ids.push_back(SampleUuid(number));
    return ids;
  }
  std::vector<uint64_t> LeafNumbers(const LeafQuery& query) {
    absl::StatusOr<std::vector<Leaf>> leaves = store_->ReadLeaves(query);
    EXPECT_OK(leaves);
    std::vector<uint64_t> numbers;
    if (!leaves.ok()) return numbers;
    for (const Leaf& leaf : *leaves) numbers.push_back(leaf.number);
    return numbers;
  }
  uint64_t LeafCount() {
    absl::StatusOr<TreeSnapshot> tree = store_->ReadTree({});
    EXPECT_OK(tree);
    return tree.ok() ? tree->leaves : 0;
  }

  std::shared_ptr<Store> store_;
};

// --- What is written is read
// --------------------------------------------------

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

// --- Revisions and lost races
// -------------------------------------------------

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

// --- Many change sets in one commit
// -------------------------------------------

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

// --- Limits of keys
// -----------------------------------------------------------

// A product whose first key has a limit.
inline Product LimitedProduct(int64_t limit) {
  Product product = SampleProduct();
  product.operations[0].key_versions[0].max_signatures = limit;
  return product;
}

inline ChangeSet WithUses(const Product& product, int64_t count,
                          int64_t limit) {
  ChangeSet set;
  set.key_uses = {{product.operations[0].key_versions[0].name, count, limit}};
  set.events = {SampleEvent(EventType::kRequestCreated, "a", "use")};
  return set;
}

inline int64_t UsesOf(Store& store, const Product& product) {
  const absl::StatusOr<Product> read = store.GetProduct(product.name);
  EXPECT_OK(read);
  return read.ok() ? read->operations[0].key_versions[0].signatures_used : -1;
}

TEST_P(StoreContract, CountsUsesToTheLimitAndNotBeyond) {
  const Product product = LimitedProduct(10);
  Insert(product);
  EXPECT_EQ(UsesOf(*store_, product), 0);
  FirstLeaf(CommitOne(WithUses(product, 4, 10)));
  EXPECT_EQ(UsesOf(*store_, product), 4);
  Lost(CommitOne(WithUses(product, 7, 10)), LostRace::What::kKeyLimit);
  EXPECT_EQ(UsesOf(*store_, product), 4);
  FirstLeaf(CommitOne(WithUses(product, 6, 10)));
  Lost(CommitOne(WithUses(product, 1, 10)), LostRace::What::kKeyLimit);
  EXPECT_EQ(UsesOf(*store_, product), 10);
  EXPECT_EQ(LeafCount(), 2u);
  ASSERT_OK_AND_ASSIGN(const Page<Product> page, store_->ListProducts({}));
  EXPECT_EQ(page.items[0].operations[0].key_versions[0].signatures_used, 10);
}

TEST_P(StoreContract, HoldsTheLimitAmongChangeSetsOfOneCommit) {
  const Product product = LimitedProduct(100);
  Insert(product);
  int64_t counted = 0;
  for (int round = 0; round < 10; ++round) {
    std::vector<ChangeSet> sets;
    for (int i = 0; i < 20; ++i) {
      sets.push_back(WithUses(product, 1 + i % 3, 100));
    }
    const std::vector<CommitOutcome> outcomes = Commit(sets);
    for (size_t i = 0; i < sets.size(); ++i) {
      const int64_t count = sets[i].key_uses[0].count;
      if (std::holds_alternative<Committed>(outcomes[i])) {
        counted += count;
      } else {
        Lost(outcomes[i], LostRace::What::kKeyLimit);
        EXPECT_GT(counted + count, 100);
      }
    }
    EXPECT_LE(counted, 100);
    EXPECT_EQ(UsesOf(*store_, product), counted);
  }
  EXPECT_EQ(counted, 100);
}

TEST_P(StoreContract, AddsUpUsesOfOneChangeSet) {
  const Product product = LimitedProduct(10);
  Insert(product);
  ChangeSet set = WithUses(product, 6, 10);
  set.key_uses.push_back(set.key_uses[0]);
  Lost(CommitOne(set), LostRace::What::kKeyLimit);
  EXPECT_EQ(UsesOf(*store_, product), 0);
  set.key_uses[1].count = 4;
  FirstLeaf(CommitOne(set));
  EXPECT_EQ(UsesOf(*store_, product), 10);
}

TEST_P(StoreContract, CountsNothingForAChangeSetThatLoses) {
  const Product product = LimitedProduct(10);
  Insert(product);
  ChangeSet set = WithUses(product, 5, 10);
  set.expected = {{product.name, 7}};
  Lost(CommitOne(set), LostRace::What::kProduct);
  EXPECT_EQ(UsesOf(*store_, product), 0);
  // What else stands in the way is told first: a retry must find its request.
  Insert(SampleRequest(1));
  set = WithUses(product, 50, 10);
  set.requests = {SampleRequest(2)};
  set.requests[0].request_id = SampleRequest(1).request_id;
  Lost(CommitOne(set), LostRace::What::kRequestId);
}

TEST_P(StoreContract, CountsEachKeyVersionByItself) {
  Product product = LimitedProduct(3);
  KeyVersion next = product.operations[0].key_versions[0];
  next.name.version = 2;
  next.registered = false;
  next.key_id = "other";
  next.spki = "other";
  product.operations[0].key_versions.push_back(next);
  Insert(product);
  ChangeSet both = WithUses(product, 3, 3);
  both.key_uses.push_back({next.name, 2, 3});
  FirstLeaf(CommitOne(both));
  ASSERT_OK_AND_ASSIGN(const Product read, store_->GetProduct(product.name));
  EXPECT_EQ(read.operations[0].key_versions[0].signatures_used, 3);
  EXPECT_EQ(read.operations[0].key_versions[1].signatures_used, 2);
}

TEST_P(StoreContract, CountsNothingWhereThereIsNoLimit) {
  const Product product = LimitedProduct(0);
  Insert(product);
  FirstLeaf(CommitOne(WithUses(product, 1000, 0)));
  EXPECT_EQ(UsesOf(*store_, product), 0);
}

TEST_P(StoreContract, KeepsTheCountWhileTheProductChanges) {
  Product product = LimitedProduct(10);
  Insert(product);
  FirstLeaf(CommitOne(WithUses(product, 4, 10)));
  product.revision = 2;
  product.description = "changed";
  Insert(product);
  EXPECT_EQ(UsesOf(*store_, product), 4);
}

// --- One key, one key version
// -------------------------------------------------

TEST_P(StoreContract, RefusesAKeyThatAnotherKeyVersionHas) {
  const Product there = SampleProduct("there");
  Insert(there);
  const KeyVersion& held = there.operations[0].key_versions[0];
  const KeyVersion& made = there.operations[1].key_versions[0];
  struct Row {
    std::string name;
    std::function<void(KeyVersion&)> change;
    const KeyVersion* holder;
  };
  const Row rows[] = {
      {"same public key", [&](KeyVersion& k) { k.spki = held.spki; }, &held},
      {"of a key that was made", [&](KeyVersion& k) { k.spki = made.spki; },
       &made},
      {"same id, label and token",
       [&](KeyVersion& k) {
         k.spki.clear();
         k.label = held.label;
         k.tokens = {"third", "standby"};
       },
       &held},
      {"another token",
       [&](KeyVersion& k) {
         k.label = held.label;
         k.tokens = {"third"};
       },
       nullptr},
      {"another label", [](KeyVersion&) {}, nullptr},
  };
  int number = 0;
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    Product late = SampleProduct(absl::StrCat("late", ++number));
    late.operations.pop_back();
    row.change(late.operations[0].key_versions[0]);
    const CommitOutcome outcome = CommitOne(With(late));
    if (row.holder == nullptr) {
      FirstLeaf(outcome);
      continue;
    }
    const LostRace race = Lost(outcome, LostRace::What::kKeyTaken);
    ASSERT_TRUE(race.holder.has_value());
    EXPECT_EQ(*race.holder, row.holder->name);
  }
}

TEST_P(StoreContract, RefusesAKeyTwiceInOneProduct) {
  Product product = SampleProduct();
  KeyVersion again = product.operations[0].key_versions[0];
  again.name.version = 2;
  product.operations[0].key_versions.push_back(again);
  Lost(CommitOne(With(product)), LostRace::What::kKeyTaken);
  // Of what is there already nobody asks again.
  product = SampleProduct();
  Insert(product);
  product.revision = 2;
  product.description = "changed";
  Insert(product);
}

// --- Leaves
// -------------------------------------------------------------------

TEST_P(StoreContract, NumbersLeavesInOrderWithoutGaps) {
  uint64_t next = 0;
  for (int i = 0; i < 10; ++i) {
    ChangeSet set;
    for (int j = 0; j < i % 4; ++j) {
      set.events.push_back(SampleEvent(EventType::kCallDenied, "a",
                                       absl::StrCat("resource-", next + j)));
    }
    // A set that loses uses no number.
    ChangeSet loses = set;
    Product missing = SampleProduct();
    missing.revision = 5;
    loses.products = {missing};
    const std::vector<CommitOutcome> outcomes = Commit({loses, set});
    Lost(outcomes[0], LostRace::What::kProduct);
    EXPECT_EQ(FirstLeaf(outcomes[1]), next);
    next += set.events.size();
  }
  EXPECT_EQ(LeafCount(), next);
  ASSERT_OK_AND_ASSIGN(const std::vector<Leaf> leaves, store_->ReadLeaves({}));
  ASSERT_EQ(leaves.size(), next);
  std::set<std::string> bytes;
  for (size_t i = 0; i < leaves.size(); ++i) {
    EXPECT_EQ(leaves[i].number, i);
    EXPECT_THAT(leaves[i].bytes, testing::Not(testing::IsEmpty()));
    bytes.insert(leaves[i].bytes);
  }
  EXPECT_EQ(bytes.size(), leaves.size());
}

TEST_P(StoreContract, FindsLeavesByEachCondition) {
  std::vector<Event> events;
  for (int i = 0; i < 4; ++i) {
    events.push_back(SampleEvent(EventType::kRequestCreated, "ann",
                                 "products/a/operations/x"));
    events.back().time = SampleTime() + absl::Seconds(i);
  }
  events[1].actor = Person("bob", {});
  events[1].resource = "products/a_/operations/x";  // "_" and "%" of SQL
  events[2].resource = "products/A/operations/x";   // case counts
  events[2].operation = "products/b/operations/y";
  events[3].key_version = "products/b/operations/y/keyVersions/1";
  events[3].type = EventType::kCallDenied;
  for (const Event& event : events) Insert(event);

  struct Row {
    std::string name;
    std::function<void(LeafQuery&)> condition;
    std::vector<uint64_t> want;
  };
  const Row rows[] = {
      {"none", [](LeafQuery&) {}, {0, 1, 2, 3}},
      {"limit", [](LeafQuery& q) { q.limit = 2; }, {0, 1}},
      {"first", [](LeafQuery& q) { q.first = 2; }, {2, 3}},
      {"first past the end", [](LeafQuery& q) { q.first = 9; }, {}},
      {"subject",
       [&](LeafQuery& q) { q.subject = events[1].actor.subject; },
       {1}},
      {"prefix",
       [](LeafQuery& q) { q.resource_prefix = "products/a"; },
       {0, 1, 3}},
      {"prefix, octet by octet",
       [](LeafQuery& q) { q.resource_prefix = "products/a_"; },
       {1}},
      {"prefix of nothing", [](LeafQuery& q) { q.resource_prefix = "%"; }, {}},
      {"operation",
       [&](LeafQuery& q) { q.operation = events[2].operation; },
       {2}},
      {"key version",
       [&](LeafQuery& q) { q.key_version = events[3].key_version; },
       {3}},
      {"types",
       [](LeafQuery& q) {
         q.types = {EventType::kCallDenied, EventType::kCsrSigned};
       },
       {3}},
      {"from", [&](LeafQuery& q) { q.from = events[1].time; }, {1, 2, 3}},
      {"until", [&](LeafQuery& q) { q.until = events[1].time; }, {0}},
      {"from a nanosecond later",
       [&](LeafQuery& q) { q.from = events[1].time + absl::Nanoseconds(1); },
       {2, 3}},
      {"all at once",
       [&](LeafQuery& q) {
         q.first = 1;
         q.limit = 1;
         q.subject = events[2].actor.subject;
         q.resource_prefix = "products/";
       },
       {2}},
  };
  for (const Row& row : rows) {
    LeafQuery query;
    row.condition(query);
    EXPECT_EQ(LeafNumbers(query), row.want) << row.name;
  }
}

// --- Lists
// --------------------------------------------------------------------

TEST_P(StoreContract, FindsRequestsByEachCondition) {
  std::vector<SigningRequest> r;
  for (int number = 0; number < 5; ++number) {
    r.push_back(SampleRequest(number));
  }
  r[1].name.operation.product = {"other"};
  r[2].name.operation.operation = "detached";
  r[3].state = RequestState::kSigned;
  r[4].state = RequestState::kApproved;
  r[4].requester.subject = "email:ann@example.test";
  r[4].requester.issuer = "CN=Other";
  for (SigningRequest& request : r) {
    request.content.operation = request.name.operation;
    Insert(request);
  }

  struct Row {
    std::string name;
    std::function<void(RequestQuery&)> condition;
    std::vector<int> want;
  };
  const Row rows[] = {
      {"none", [](RequestQuery&) {}, {4, 3, 2, 1, 0}},
      {"oldest first",
       [](RequestQuery& q) { q.oldest_first = true; },
       {0, 1, 2, 3, 4}},
      {"product", [](RequestQuery& q) { q.product = "sample"; }, {4, 3, 2, 0}},
      {"operation",
       [](RequestQuery& q) {
         q.product = "sample";
         q.operation = "detached";
       },
       {2}},
      {"absent product", [](RequestQuery& q) { q.product = "sampl"; }, {}},
      {"one state",
       [](RequestQuery& q) { q.states = {RequestState::kPendingApproval}; },
       {2, 1, 0}},
      {"two states",
       [](RequestQuery& q) {
         q.states = {RequestState::kSigned, RequestState::kApproved};
       },
       {4, 3}},
      {"expiry",
       [&](RequestQuery& q) { q.expire_before = r[2].expire_time; },
       {1, 0}},
      {"idempotency key",
       [&](RequestQuery& q) {
         q.requester_subject = r[4].requester.subject;
         q.requester_issuer = r[4].requester.issuer;
         q.request_id = r[4].request_id;
       },
       {4}},
      {"idempotency key of another",
       [&](RequestQuery& q) {
         q.requester_subject = r[3].requester.subject;
         q.requester_issuer = r[3].requester.issuer;
         q.request_id = r[4].request_id;
       },
       {}},
      {"expiry and state, oldest first",
       [&](RequestQuery& q) {
         q.oldest_first = true;
         q.expire_before = absl::InfiniteFuture();
         q.states = {RequestState::kPendingApproval};
       },
       {0, 1, 2}},
  };
  for (const Row& row : rows) {
    for (const int limit : {1, 2, 50}) {
      RequestQuery query;
      query.limit = limit;
      row.condition(query);
      EXPECT_EQ(Ids(query), Uuids(row.want))
          << row.name << " in pages of " << limit;
    }
  }
}

TEST_P(StoreContract, KeepsPagesStableWhileRequestsComeAndChange) {
  for (const int number : {1, 2, 3, 4}) Insert(SampleRequest(number));
  RequestQuery query;
  query.limit = 2;
  ASSERT_OK_AND_ASSIGN(const Page<SigningRequest> first,
                       store_->ListRequests(query));
  ASSERT_EQ(first.items.size(), 2u);
  EXPECT_EQ(first.items[1].name.id, SampleUuid(3));
  // A newer one does not push what was shown onto the next page.
  Insert(SampleRequest(5));
  SigningRequest changed = SampleRequest(4);
  changed.revision = 2;
  Insert(changed);
  query.cursor = first.next_cursor;
  EXPECT_EQ(Ids(query), Uuids({2, 1}));
}

TEST_P(StoreContract, RefusesACursorOfAnotherQuery) {
  for (const int number : {1, 2, 3}) Insert(SampleRequest(number));
  Insert(SampleProduct("a"));
  Insert(SampleProduct("b"));
  RequestQuery query;
  query.limit = 1;
  ASSERT_OK_AND_ASSIGN(const Page<SigningRequest> page,
                       store_->ListRequests(query));
  RequestQuery other = query;
  other.product = "sample";
  other.cursor = page.next_cursor;
  EXPECT_THAT(store_->ListRequests(other),
              base::HasCode(absl::StatusCode::kInvalidArgument));
  for (const char* cursor : {"x", "-1", "' OR 1=1", "\xff"}) {
    query.cursor = cursor;
    EXPECT_THAT(store_->ListRequests(query),
                base::HasCode(absl::StatusCode::kInvalidArgument))
        << cursor;
    ProductQuery products;
    products.cursor = cursor;
    EXPECT_THAT(store_->ListProducts(products),
                base::HasCode(absl::StatusCode::kInvalidArgument))
        << cursor;
  }
  ProductQuery products;
  products.cursor = page.next_cursor;
  EXPECT_THAT(store_->ListProducts(products),
              base::HasCode(absl::StatusCode::kInvalidArgument));
}

TEST_P(StoreContract, ListsEveryProductOnce) {
  std::vector<std::string> want;
  for (const char* id : {"b", "c", "a", "d", "e"}) {
    Insert(SampleProduct(id));
    want.push_back(id);
  }
  for (const int limit : {1, 2, 5, 50}) {
    std::vector<std::string> ids;
    ProductQuery query;
    query.limit = limit;
    do {
      ASSERT_OK_AND_ASSIGN(const Page<Product> page,
                           store_->ListProducts(query));
      ASSERT_LE(page.items.size(), static_cast<size_t>(limit));
      for (const Product& product : page.items) {
        EXPECT_TRUE(product == SampleProduct(product.name.product));
        ids.push_back(product.name.product);
      }
      query.cursor = page.next_cursor;
    } while (!query.cursor.empty() && ids.size() <= want.size());
    EXPECT_THAT(ids, testing::UnorderedElementsAreArray(want)) << limit;
  }
}

TEST_P(StoreContract, ListsNothingWhereNothingIs) {
  EXPECT_THAT(Ids({}), testing::IsEmpty());
  ASSERT_OK_AND_ASSIGN(const Page<Product> page, store_->ListProducts({}));
  EXPECT_THAT(page.items, testing::IsEmpty());
  EXPECT_EQ(page.next_cursor, "");
  EXPECT_THAT(LeafNumbers({}), testing::IsEmpty());
}

// --- The tree
// -----------------------------------------------------------------

TEST_P(StoreContract, KeepsTilesAndTheCheckpoint) {
  ASSERT_OK_AND_ASSIGN(TreeSnapshot tree, store_->ReadTree({}));
  EXPECT_EQ(tree.size, 0u);
  EXPECT_EQ(tree.checkpoint, "");
  for (int i = 0; i < 3; ++i) {
    Insert(SampleEvent(EventType::kCallDenied, "a", absl::StrCat(i)));
  }
  const TileId low{0, 0};
  const TileId high{1, 0};
  const TileId absent{0, 1};
  const std::string hash(32, '\0');
  FirstLeaf(CommitOne(WithTree(2, "note 2", {{low, hash + hash}})));
  FirstLeaf(CommitOne(
      WithTree(3, "note 3", {{low, hash + hash + hash}, {high, hash}})));
  const std::vector<TileId> asked = {low, absent, high};
  ASSERT_OK_AND_ASSIGN(tree, store_->ReadTree(asked));
  EXPECT_EQ(tree.leaves, 3u);
  EXPECT_EQ(tree.size, 3u);
  EXPECT_EQ(tree.checkpoint, "note 3");
  std::vector<std::pair<int, size_t>> tiles;
  for (const Tile& tile : tree.tiles) {
    EXPECT_EQ(tile.id.index, 0u);
    tiles.emplace_back(tile.id.level, tile.hashes.size());
  }
  EXPECT_THAT(tiles, testing::UnorderedElementsAre(testing::Pair(0, 96u),
                                                   testing::Pair(1, 32u)));
}

TEST_P(StoreContract, RefusesATreeThatDoesNotGrow) {
  for (int i = 0; i < 3; ++i) {
    Insert(SampleEvent(EventType::kCallDenied, "a", absl::StrCat(i)));
  }
  const std::string hash(32, 'h');
  FirstLeaf(CommitOne(WithTree(2, "note 2", {{{0, 0}, hash + hash}})));
  for (const uint64_t size : {0u, 1u, 2u}) {
    ChangeSet set = WithTree(size, "late", {{{0, 0}, hash}});
    set.events = {SampleEvent(EventType::kCallDenied, "a", "late")};
    Lost(CommitOne(set), LostRace::What::kTree);
  }
  const std::vector<TileId> asked = {{0, 0}};
  ASSERT_OK_AND_ASSIGN(const TreeSnapshot tree, store_->ReadTree(asked));
  EXPECT_EQ(tree.leaves, 3u);
  EXPECT_EQ(tree.checkpoint, "note 2");
  ASSERT_EQ(tree.tiles.size(), 1u);
  EXPECT_EQ(tree.tiles[0].hashes, hash + hash);
}

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_STORE_CONTRACT_H_
