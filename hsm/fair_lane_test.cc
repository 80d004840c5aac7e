#include "hsm/fair_lane.h"

#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "core/algorithms.h"
#include "core/signer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::hsm {
namespace {

using core::KeyType;
using testing::ElementsAre;

std::vector<SignTask> Tasks(const std::string& share, size_t digests,
                            KeyType type = KeyType::kEcP256) {
  core::SignJob job;
  job.share = share;
  job.key.type = type;
  job.digests.resize(digests);
  const auto batch = std::make_shared<SignBatch>(std::move(job), nullptr);
  std::vector<SignTask> tasks;
  for (size_t i = 0; i < digests; ++i) tasks.push_back({batch, i, 0, 0});
  return tasks;
}

std::string NameOf(const SignTask& task) {
  return task.batch->job().share + std::to_string(task.index);
}

std::vector<std::string> Drain(FairLane& lane, const SignCost& cost = {}) {
  std::vector<std::string> names;
  while (!lane.empty()) names.push_back(NameOf(lane.Take(cost)));
  return names;
}

TEST(FairLaneTest, SharesOfOneKindTakeTurnsDigestByDigest) {
  FairLane lane;
  lane.Add(Tasks("a", 3));
  lane.Add(Tasks("b", 1));
  lane.Add(Tasks("c", 2));
  EXPECT_EQ(lane.size(), 6u);
  EXPECT_THAT(Drain(lane), ElementsAre("a0", "b0", "c0", "a1", "c1", "a2"));
}

TEST(FairLaneTest, JobsOfOneShareKeepTheirOrder) {
  FairLane lane;
  lane.Add(Tasks("a", 2));
  lane.Add(Tasks("a", 1));
  EXPECT_THAT(Drain(lane), ElementsAre("a0", "a1", "a0"));
}

TEST(FairLaneTest, CheapDigestsFillTheTurnOfADearOne) {
  SignCost cost;
  cost.Record(KeyType::kRsa2048, absl::Milliseconds(1));
  cost.Record(KeyType::kEcP256, absl::Microseconds(500));
  FairLane lane;
  lane.Add(Tasks("r", 2, KeyType::kRsa2048));
  lane.Add(Tasks("e", 4));
  EXPECT_THAT(Drain(lane, cost),
              ElementsAre("r0", "e0", "e1", "r1", "e2", "e3"));
}

TEST(FairLaneTest, WhatWasPutFirstComesFirst) {
  FairLane lane;
  lane.Add(Tasks("a", 1));
  lane.PutFirst(Tasks("b", 1)[0]);
  lane.PutFirst(Tasks("c", 1, KeyType::kRsa4096)[0]);
  EXPECT_EQ(lane.size(), 3u);
  EXPECT_EQ(lane.counts()[TypeIndex(KeyType::kRsa4096)], 1u);
  EXPECT_THAT(Drain(lane), ElementsAre("c0", "b0", "a0"));
  EXPECT_EQ(lane.counts(), CountByType{});
}

TEST(FairLaneTest, RemovesWholeJobsAndGoesOn) {
  FairLane lane;
  lane.Add(Tasks("a", 2));
  lane.Add(Tasks("b", 3));
  lane.Add(Tasks("a", 1, KeyType::kRsa2048));
  lane.PutFirst(Tasks("b", 1)[0]);
  EXPECT_EQ(NameOf(lane.Take(SignCost())), "b0");
  EXPECT_EQ(NameOf(lane.Take(SignCost())), "a0");
  const auto removed = lane.Remove(
      [](const SignBatch& batch) { return batch.job().share == "b"; });
  EXPECT_EQ(removed.size(), 3u);
  EXPECT_EQ(lane.size(), 2u);
  lane.Add(Tasks("b", 1));
  EXPECT_THAT(Drain(lane), ElementsAre("a1", "a0", "b0"));
  EXPECT_EQ(lane.counts(), CountByType{});
}

// Whatever kinds of keys they use, shares that always wait get equal time, and
// one that comes late waits at most a round.
TEST(FairLanePropertyTest, SharesThatAlwaysWaitGetEqualTime) {
  for (int seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    SignCost cost;
    for (size_t i = 0; i < kKeyTypes; ++i) {
      cost.Record(static_cast<KeyType>(i),
                  absl::Microseconds(50 + random() % 2000));
    }
    FairLane lane;
    std::map<std::string, absl::Duration> time;
    const auto refill = [&](const std::string& share) {
      lane.Add(Tasks(share, 1 + random() % 100,
                     static_cast<KeyType>(random() % kKeyTypes)));
    };
    for (const char* share : {"a", "b", "c", "d"}) {
      for (int i = 0; i < 3; ++i) refill(share);
    }
    absl::Duration all;
    for (int i = 0; i < 20000; ++i) {
      const SignTask task = lane.Take(cost);
      const core::SignJob& job = task.batch->job();
      time[job.share] += cost.Of(job.key.type);
      all += cost.Of(job.key.type);
      if (task.index == 0) refill(job.share);
    }
    for (const auto& [share, mine] : time) {
      EXPECT_NEAR(absl::FDivDuration(mine, all), 0.25, 0.01)
          << share << " with seed " << seed;
    }
  }
}

TEST(FairLanePropertyTest, ALateDigestWaitsAtMostARound) {
  for (int seed = 1; seed <= 50; ++seed) {
    std::mt19937 random(seed);
    const SignCost cost;
    FairLane lane;
    const size_t others = 1 + random() % 20;
    for (size_t i = 0; i < others; ++i) {
      lane.Add(Tasks(std::to_string(i), 1000,
                     static_cast<KeyType>(random() % kKeyTypes)));
    }
    for (size_t i = random() % 3000; i > 0 && !lane.empty(); --i) {
      lane.Take(cost);
    }
    const absl::Duration turn = cost.Largest(lane.counts());
    lane.Add(Tasks("late", 1));
    absl::Duration waited;
    while (true) {
      const SignTask task = lane.Take(cost);
      const core::SignJob& job = task.batch->job();
      if (job.share == "late") break;
      waited += cost.Of(job.key.type);
    }
    // Each of the others has one turn, and may pay its last digest afterwards.
    EXPECT_LE(waited, turn * (2 * others)) << seed;
  }
}

}  // namespace
}  // namespace countersign::hsm
