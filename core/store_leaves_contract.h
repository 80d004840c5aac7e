// What every Store must do with the log: leaves in order without gaps, found by
// each condition, and the tree over them. A part of core/store_contract.h.
#ifndef COUNTERSIGN_CORE_STORE_LEAVES_CONTRACT_H_
#define COUNTERSIGN_CORE_STORE_LEAVES_CONTRACT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/status_matchers.h"
#include "core/event.h"
#include "core/product.h"
#include "core/sample_values.h"
#include "core/store.h"
#include "core/store_contract_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::core {

// --- Leaves ------------------------------------------------------------------

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

// --- The tree ----------------------------------------------------------------

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

#endif  // COUNTERSIGN_CORE_STORE_LEAVES_CONTRACT_H_
