// What every Store must promise of keys: no use beyond the limit, no key for
// two key versions. A part of core/store_contract.h.
#ifndef COUNTERSIGN_CORE_STORE_KEYS_CONTRACT_H_
#define COUNTERSIGN_CORE_STORE_KEYS_CONTRACT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "core/event.h"
#include "core/product.h"
#include "core/sample_values.h"
#include "core/store.h"
#include "core/store_contract_fixture.h"
#include "gtest/gtest.h"

namespace countersign::core {

// --- Limits of keys ----------------------------------------------------------

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

// --- One key, one key version ------------------------------------------------

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

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_STORE_KEYS_CONTRACT_H_
