// With core::FakeStore; storage/sqlite_store_test.cc does the same over a file.
#include "audit/integrator.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "audit/checkpoint.h"
#include "audit/merkle_tree.h"
#include "audit/note_vectors.h"
#include "audit/proof_service.h"
#include "audit/proofs.h"
#include "audit/signed_note.h"
#include "audit/verify_log.h"
#include "base/status_matchers.h"
#include "core/fake_store.h"
#include "core/store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::audit {
namespace {

using base::HasReason;

MATCHER(HasNoUpdate, "") { return !arg.has_value(); }

std::string LeafOf(uint64_t number) {
  return absl::StrCat("{\"n\":", number, "}");
}

// A log over a store in memory, and the driver's part.
class IntegratorTest : public testing::Test {
 protected:
  IntegratorTest()
      : store_([](uint64_t n, const core::Event&) { return LeafOf(n); }),
        integrator_(store_, TestSigner()) {}

  void Append(int count) {
    core::ChangeSet change;
    change.events.resize(count);
    ASSERT_OK(store_.Commit({change}));
    leaves_ += count;
  }
  void CommitTree(const core::TreeUpdate& update) {
    core::ChangeSet change;
    change.tree = update;
    const auto outcomes = store_.Commit({change});
    ASSERT_OK(outcomes);
    ASSERT_TRUE(std::holds_alternative<core::Committed>((*outcomes)[0]));
  }
  // Until every leaf is in; the last checkpoint.
  Checkpoint IntegrateAll() {
    std::string note;
    while (true) {
      const auto update = integrator_.Next();
      EXPECT_OK(update);
      if (!update.ok() || !update->has_value()) break;
      CommitTree(**update);
      note = (*update)->checkpoint;
    }
    const auto checkpoint = OpenCheckpoint(note, integrator_.verifier());
    EXPECT_OK(checkpoint);
    return checkpoint.value_or(Checkpoint{});
  }
  std::string Root(uint64_t size) {
    RootBuilder builder;
    while (builder.size() < size) builder.Add(HashLeaf(LeafOf(builder.size())));
    return builder.Root();
  }

  core::FakeStore store_;
  Integrator integrator_;
  uint64_t leaves_ = 0;
};

TEST_F(IntegratorTest, HasNothingToDoForAnEmptyLog) {
  EXPECT_THAT(integrator_.Next(), base::IsOkAndHolds(HasNoUpdate()));
}

TEST_F(IntegratorTest, SignsTheRootOfEverySize) {
  for (const int step : {1, 1, 5, 249, 1, 300}) {
    Append(step);
    const Checkpoint checkpoint = IntegrateAll();
    EXPECT_EQ(checkpoint.origin, kTestOrigin);
    EXPECT_EQ(checkpoint.size, leaves_);
    EXPECT_EQ(checkpoint.root, Root(leaves_));
    EXPECT_THAT(integrator_.Next(), base::IsOkAndHolds(HasNoUpdate()));
  }
}

TEST_F(IntegratorTest, TakesALargeBacklogInBatches) {
  Append(Integrator::kMaxBatch + 10);
  ASSERT_OK_AND_ASSIGN(const auto first, integrator_.Next());
  EXPECT_EQ(first->size, static_cast<uint64_t>(Integrator::kMaxBatch));
  CommitTree(*first);
  EXPECT_EQ(IntegrateAll().root, Root(leaves_));
}

TEST_F(IntegratorTest, MakesTheSameAgainWhereACommitWasLost) {
  Append(10);
  ASSERT_OK_AND_ASSIGN(const auto first, integrator_.Next());
  ASSERT_OK_AND_ASSIGN(const auto again, integrator_.Next());
  EXPECT_EQ(again->checkpoint, first->checkpoint);
  Append(1);
  EXPECT_EQ(IntegrateAll().root, Root(11));
}

TEST_F(IntegratorTest, GoesOnWhereAnotherIntegratorStopped) {
  Append(300);
  IntegrateAll();
  Append(300);
  Integrator restarted(store_, TestSigner());
  ASSERT_OK_AND_ASSIGN(const auto update, restarted.Next());
  ASSERT_OK_AND_ASSIGN(
      const Checkpoint checkpoint,
      OpenCheckpoint(update->checkpoint, restarted.verifier()));
  EXPECT_EQ(checkpoint.root, Root(600));
}

TEST_F(IntegratorTest, RefusesToContinueALogOfAnotherKey) {
  Append(3);
  IntegrateAll();
  Append(1);
  Integrator other(store_, TestSigner("other.example/log"));
  EXPECT_THAT(other.Next(), HasReason("TREE_DAMAGED"));
}

TEST_F(IntegratorTest, RefusesTilesThatDoNotHaveTheCheckpointsRoot) {
  Append(3);
  ASSERT_OK_AND_ASSIGN(auto update, integrator_.Next());
  update->tiles[0].hashes[5] ^= 1;
  CommitTree(*update);
  Append(1);
  EXPECT_THAT(integrator_.Next(), HasReason("TREE_DAMAGED"));
}

TEST_F(IntegratorTest, RefusesAMissingTile) {
  Append(3);
  ASSERT_OK_AND_ASSIGN(auto update, integrator_.Next());
  update->tiles.clear();
  CommitTree(*update);
  EXPECT_THAT(integrator_.Next(), HasReason("TREE_DAMAGED"));
}

TEST_F(IntegratorTest, RefusesACheckpointOfAnotherSize) {
  Append(3);
  ASSERT_OK_AND_ASSIGN(auto small, integrator_.Next());
  Append(1);
  ASSERT_OK_AND_ASSIGN(auto update, integrator_.Next());
  update->checkpoint = small->checkpoint;
  CommitTree(*update);
  EXPECT_THAT(integrator_.Next(), HasReason("TREE_DAMAGED"));
}

TEST_F(IntegratorTest, RefusesAnUnsignedCheckpoint) {
  Append(3);
  ASSERT_OK_AND_ASSIGN(auto update, integrator_.Next());
  for (const char* note : {"", "note"}) {
    update->checkpoint = note;
    core::FakeStore store;
    core::ChangeSet change;
    change.events.resize(3);
    change.tree = *update;
    ASSERT_OK(store.Commit({change}));
    Integrator integrator(store, TestSigner());
    EXPECT_THAT(integrator.Next(), HasReason("TREE_DAMAGED")) << note;
  }
}

// A store that has lost what was committed before: a restored backup.
TEST_F(IntegratorTest, RefusesATreeThatHasBecomeSmaller) {
  class Switch final : public core::Store {
   public:
    absl::StatusOr<std::vector<core::CommitOutcome>> Commit(
        absl::Span<const core::ChangeSet> changes) override {
      return now->Commit(changes);
    }
    absl::StatusOr<core::Product> GetProduct(
        const core::ProductName& name) override {
      return now->GetProduct(name);
    }
    absl::StatusOr<core::Page<core::Product>> ListProducts(
        const core::ProductQuery& query) override {
      return now->ListProducts(query);
    }
    absl::StatusOr<core::SigningRequest> GetRequest(
        const core::RequestName& name) override {
      return now->GetRequest(name);
    }
    absl::StatusOr<core::Page<core::SigningRequest>> ListRequests(
        const core::RequestQuery& query) override {
      return now->ListRequests(query);
    }
    absl::StatusOr<std::vector<core::Leaf>> ReadLeaves(
        const core::LeafQuery& query) override {
      return now->ReadLeaves(query);
    }
    absl::StatusOr<core::TreeSnapshot> ReadTree(
        absl::Span<const core::TileId> tiles) override {
      return now->ReadTree(tiles);
    }
    core::Store* now = nullptr;
  };
  Append(5);
  IntegrateAll();
  Switch store;
  store.now = &store_;
  Integrator integrator(store, TestSigner());
  ASSERT_OK(integrator.Next());
  core::FakeStore empty;
  store.now = &empty;
  EXPECT_THAT(integrator.Next(), HasReason("TREE_DAMAGED"));
}

TEST_F(IntegratorTest, PassesOnTheStoresErrors) {
  Append(1);
  store_.FailNextReads(1, absl::InternalError("disk"));
  EXPECT_THAT(integrator_.Next(),
              base::StatusIs(absl::StatusCode::kInternal, "disk"));
  EXPECT_EQ(IntegrateAll().size, 1u);
}

TEST_F(IntegratorTest, MakesALogThatAnAuditorAccepts) {
  Append(600);
  IntegrateAll();
  ASSERT_OK_AND_ASSIGN(const auto tree, store_.ReadTree({}));
  ASSERT_OK_AND_ASSIGN(
      LogVerifier verifier,
      LogVerifier::Create(tree.checkpoint, integrator_.verifier()));
  core::LeafQuery all;
  all.limit = 1000;
  ASSERT_OK_AND_ASSIGN(const auto leaves, store_.ReadLeaves(all));
  for (const core::Leaf& leaf : leaves) verifier.Add(leaf.number, leaf.bytes);
  EXPECT_THAT(std::move(verifier).Finish().findings, testing::IsEmpty());
}

class ProofServiceTest : public IntegratorTest {};

TEST_F(ProofServiceTest, ProvesInclusionAndConsistencyForOldSizesToo) {
  Append(300);
  IntegrateAll();
  Append(300);
  IntegrateAll();
  for (const uint64_t size : {1, 256, 257, 300, 599, 600}) {
    for (uint64_t leaf = 0; leaf < size; leaf += 29) {
      ASSERT_OK_AND_ASSIGN(const auto proof,
                           InclusionProof(store_, leaf, size));
      EXPECT_OK(VerifyInclusion(HashLeaf(LeafOf(leaf)), leaf, size, proof,
                                Root(size)));
      ASSERT_OK_AND_ASSIGN(const auto consistency,
                           ConsistencyProof(store_, leaf + 1, size));
      EXPECT_OK(VerifyConsistency(leaf + 1, Root(leaf + 1), size, Root(size),
                                  consistency));
    }
  }
}

TEST_F(ProofServiceTest, RefusesWhatIsNotInTheTree) {
  Append(10);
  IntegrateAll();
  Append(10);
  EXPECT_THAT(InclusionProof(store_, 10, 10), HasReason("BAD_PROOF_RANGE"));
  EXPECT_THAT(InclusionProof(store_, 5, 15), HasReason("NOT_INTEGRATED"));
  EXPECT_THAT(InclusionProof(store_, 5, ~uint64_t{0}),
              HasReason("NOT_INTEGRATED"));
  EXPECT_THAT(ConsistencyProof(store_, 0, 10), HasReason("BAD_PROOF_RANGE"));
  EXPECT_THAT(ConsistencyProof(store_, 10, 9), HasReason("BAD_PROOF_RANGE"));
  EXPECT_THAT(ConsistencyProof(store_, 10, 15), HasReason("NOT_INTEGRATED"));
}

}  // namespace
}  // namespace countersign::audit
