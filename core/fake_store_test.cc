#include "core/fake_store.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "core/event.h"
#include "core/sample_values.h"
#include "core/store.h"
#include "core/store_contract.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::core {
namespace {

INSTANTIATE_TEST_SUITE_P(Fake, StoreContract,
                         testing::Values(StoreContractParam{
                             "InMemory",
                             [] { return std::make_shared<FakeStore>(); }}),
                         StoreContractName);

std::vector<ChangeSet> OneRequest(int number) {
  ChangeSet set;
  set.requests = {SampleRequest(number)};
  set.events = {SampleEvent(EventType::kRequestCreated, "ann", "r")};
  return {set};
}

TEST(FakeStoreTest, AppliesNothingWhenItFails) {
  FakeStore store;
  store.FailNextCommits(1, absl::InternalError("disk"));
  EXPECT_THAT(store.Commit(OneRequest(1)),
              base::HasCode(absl::StatusCode::kInternal));
  EXPECT_THAT(store.GetRequest(SampleRequest(1).name),
              base::HasCode(absl::StatusCode::kNotFound));
  EXPECT_OK(store.Commit(OneRequest(1)));
  EXPECT_EQ(store.commits(), 2);
}

TEST(FakeStoreTest, AppliesAllWhenItLosesTheAnswer) {
  FakeStore store;
  store.LoseNextAnswers(1, absl::InternalError("gone"));
  EXPECT_THAT(store.Commit(OneRequest(1)),
              base::HasCode(absl::StatusCode::kInternal));
  EXPECT_OK(store.GetRequest(SampleRequest(1).name));
  EXPECT_EQ(store.events().size(), 1u);
}

TEST(FakeStoreTest, FailsToReadAsOftenAsItWasTold) {
  FakeStore store;
  store.FailNextReads(2, absl::InternalError("disk"));
  EXPECT_THAT(store.ReadLeaves({}), base::HasCode(absl::StatusCode::kInternal));
  EXPECT_THAT(store.ReadTree({}), base::HasCode(absl::StatusCode::kInternal));
  EXPECT_OK(store.ListRequests({}));
}

TEST(FakeStoreTest, TakesLeafBytesFromTheGivenFunction) {
  FakeStore store([](uint64_t number, const Event& event) {
    return absl::StrCat(number, " ", ToString(event.type));
  });
  ASSERT_OK(store.Commit(OneRequest(1)));
  ASSERT_OK_AND_ASSIGN(const std::vector<Leaf> leaves, store.ReadLeaves({}));
  ASSERT_EQ(leaves.size(), 1u);
  EXPECT_EQ(leaves[0].bytes, "0 REQUEST_CREATED");
}

}  // namespace
}  // namespace countersign::core
