// The order of checks and writes; what a store promises is in
// core/store_contract.h.
#include "storage/change_applier.h"

#include <cstdlib>
#include <string>
#include <utility>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "core/sample_values.h"
#include "core/store.h"
#include "gtest/gtest.h"
#include "storage/schema.h"
#include "storage/sqlite.h"

namespace countersign::storage {
namespace {

using base::HasReason;
using base::IsOkAndHolds;
using core::ChangeSet;
using core::Committed;
using core::LostRace;
using core::SampleProduct;
using core::SampleRequest;
using core::SigningRequest;

class ChangeApplierTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(MigrateSchema(db_));
    ASSERT_OK(db_.Execute("BEGIN IMMEDIATE"));
  }

  static Database NewDatabase() {
    std::string pattern = absl::StrCat(std::getenv("TEST_TMPDIR"), "/XXXXXX");
    return Database::Open(absl::StrCat(mkdtemp(pattern.data()), "/test.db"),
                          Database::Mode::kReadWriteCreate)
        .value();
  }

  // Everything that one change set can write, with this request.
  static ChangeSet Everything(SigningRequest request) {
    ChangeSet change;
    change.products = {SampleProduct("other")};
    change.requests = {std::move(request)};
    change.key_uses = {{{change.requests[0].name.operation, 1}, 3, 5}};
    change.events = {core::SampleEvent(core::EventType::kRequestCreated, "a",
                                       change.requests[0].name.Format())};
    change.tree = core::TreeUpdate{1, {{{0, 0}, "hashes"}}, "note"};
    return change;
  }

  void Apply(const ChangeSet& change) {
    const auto outcome = applier_.Apply(change);
    ASSERT_OK(outcome);
    EXPECT_TRUE(std::holds_alternative<Committed>(*outcome));
  }
  void Insert(const SigningRequest& request) {
    ChangeSet change;
    change.requests = {request};
    Apply(change);
  }
  void ExpectRace(const ChangeSet& change, LostRace::What what) {
    const auto outcome = applier_.Apply(change);
    ASSERT_OK(outcome);
    ASSERT_TRUE(std::holds_alternative<LostRace>(*outcome));
    EXPECT_EQ(std::get<LostRace>(*outcome).what, what);
  }
  int64_t Rows(const std::string& table) {
    return db_.Int64(absl::StrCat("SELECT count(*) FROM ", table)).value();
  }

  Database db_ = NewDatabase();
  ChangeApplier applier_{db_, 0};
};

TEST_F(ChangeApplierTest, WritesEverythingOfAChangeSet) {
  Apply(Everything(SampleRequest(1)));
  ASSERT_OK(applier_.Finish());
  for (const char* table :
       {"products", "signing_requests", "key_usage", "leaves", "tiles"}) {
    EXPECT_EQ(Rows(table), 1) << table;
  }
  EXPECT_THAT(db_.Int64("SELECT used FROM key_usage"), IsOkAndHolds(3));
  EXPECT_EQ(applier_.next_leaf(), 1u);
  EXPECT_THAT(CountLeaves(db_), IsOkAndHolds(1u));
}

// The request's row is the first write, and the only check of the request.
TEST_F(ChangeApplierTest, KeepsNothingOfAChangeSetWhoseRequestLoses) {
  Insert(SampleRequest(1));
  SigningRequest same_request_id = SampleRequest(2);
  same_request_id.request_id = SampleRequest(1).request_id;
  SigningRequest too_new = SampleRequest(1);
  too_new.revision = 3;
  SigningRequest absent = SampleRequest(3);
  absent.revision = 2;
  const std::pair<SigningRequest, LostRace::What> rows[] = {
      {SampleRequest(1), LostRace::What::kRequest},
      {same_request_id, LostRace::What::kRequestId},
      {too_new, LostRace::What::kRequest},
      {absent, LostRace::What::kRequest}};
  for (const auto& [request, what] : rows) {
    ExpectRace(Everything(request), what);
    ASSERT_OK(applier_.Finish());
    EXPECT_EQ(Rows("signing_requests"), 1);
    for (const char* table : {"products", "key_usage", "leaves", "tiles"}) {
      EXPECT_EQ(Rows(table), 0) << table;
    }
    EXPECT_EQ(applier_.next_leaf(), 0u);
  }
  // Nothing of what lost is remembered either.
  Apply(Everything(SampleRequest(2)));
}

TEST_F(ChangeApplierTest, TellsTheRequestsRaceBeforeTheTreesAndTheLimits) {
  Insert(SampleRequest(1));
  ChangeSet late = Everything(SampleRequest(1));
  late.tree->size = 0;
  late.key_uses[0].limit = 2;
  ExpectRace(late, LostRace::What::kRequest);
  late.requests = {SampleRequest(2)};
  ExpectRace(late, LostRace::What::kTree);
  late.tree.reset();
  ExpectRace(late, LostRace::What::kKeyLimit);
  EXPECT_EQ(Rows("signing_requests"), 1);
}

TEST_F(ChangeApplierTest, ChecksSeveralRequestsBeforeItWritesOne) {
  Insert(SampleRequest(1));
  ChangeSet change = Everything(SampleRequest(2));
  change.requests.push_back(SampleRequest(1));
  ExpectRace(change, LostRace::What::kRequest);
  EXPECT_EQ(Rows("signing_requests"), 1);
  change.requests[1] = SampleRequest(3);
  Apply(change);
  EXPECT_EQ(Rows("signing_requests"), 3);
}

TEST_F(ChangeApplierTest, RefusesARequestTwiceInOneChangeSet) {
  ChangeSet change;
  change.requests = {SampleRequest(1), SampleRequest(1)};
  EXPECT_THAT(applier_.Apply(change), HasReason("REQUEST_NOT_WRITTEN"));
}

TEST_F(ChangeApplierTest, KnowsTheRevisionThatAnEarlierChangeSetWrote) {
  core::Product product = SampleProduct();
  ChangeSet expects;
  expects.expected = {{product.name, 1}};
  ExpectRace(expects, LostRace::What::kProduct);  // not there
  ChangeSet writes;
  writes.products = {product};
  Apply(writes);
  Apply(expects);
  product.revision = 2;
  product.operations.clear();
  writes.products = {product};
  Apply(writes);
  ASSERT_OK_AND_ASSIGN(const auto outcome, applier_.Apply(expects));
  ASSERT_TRUE(std::holds_alternative<LostRace>(outcome));
  EXPECT_EQ(std::get<LostRace>(outcome).product, product);
}

}  // namespace
}  // namespace countersign::storage
