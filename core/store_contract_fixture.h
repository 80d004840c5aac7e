// An empty store and what the tests of its contract say in one word: commit,
// insert, the race that must be lost. The tests are core/store_*_contract.h.
#ifndef COUNTERSIGN_CORE_STORE_CONTRACT_FIXTURE_H_
#define COUNTERSIGN_CORE_STORE_CONTRACT_FIXTURE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
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

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_STORE_CONTRACT_FIXTURE_H_
