#include "hsm/sign_queue.h"

#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/error.h"
#include "base/status_matchers.h"
#include "core/signer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::hsm {
namespace {

std::shared_ptr<SignBatch> Batch(const std::string& label, size_t digests,
                                 bool priority = false) {
  core::SignJob job;
  job.key.label = label;
  job.digests.resize(digests, std::string(32, 'd'));
  job.priority = priority;
  return std::make_shared<SignBatch>(std::move(job), [](core::SignResult) {});
}

std::string PopName(SignQueue& queue) {
  const auto task = queue.Pop(absl::ZeroDuration());
  if (!task.has_value()) return "nothing";
  return task->batch->job().key.label + std::to_string(task->index);
}

TEST(SignQueueTest, GivesDigestsInOrder) {
  SignQueue queue(10);
  ASSERT_OK(queue.Push(Batch("a", 2)));
  ASSERT_OK(queue.Push(Batch("b", 1)));
  EXPECT_EQ(queue.size(), 3u);
  EXPECT_EQ(PopName(queue), "a0");
  EXPECT_EQ(PopName(queue), "a1");
  EXPECT_EQ(PopName(queue), "b0");
  EXPECT_EQ(PopName(queue), "nothing");
  EXPECT_EQ(queue.size(), 0u);
}

TEST(SignQueueTest, PriorityGoesFirstAlsoBeforeTheRestOfAJob) {
  SignQueue queue(10);
  ASSERT_OK(queue.Push(Batch("a", 2)));
  EXPECT_EQ(PopName(queue), "a0");
  ASSERT_OK(queue.Push(Batch("p", 2, true)));
  ASSERT_OK(queue.Push(Batch("q", 1, true)));
  EXPECT_EQ(PopName(queue), "p0");
  EXPECT_EQ(PopName(queue), "p1");
  EXPECT_EQ(PopName(queue), "q0");
  EXPECT_EQ(PopName(queue), "a1");
}

TEST(SignQueueTest, RefusesAJobThatDoesNotFitAsAWhole) {
  SignQueue queue(5);
  ASSERT_OK(queue.Push(Batch("a", 3)));
  const absl::Status refused = queue.Push(Batch("b", 3, true));
  EXPECT_THAT(refused, base::HasCode(absl::StatusCode::kResourceExhausted));
  EXPECT_TRUE(base::GetErrorDetails(refused)->retry_delay.has_value());
  EXPECT_EQ(queue.size(), 3u);
  EXPECT_OK(queue.Push(Batch("c", 2)));
  EXPECT_FALSE(queue.Push(Batch("d", 1)).ok());
  EXPECT_EQ(PopName(queue), "a0");
  EXPECT_OK(queue.Push(Batch("d", 1)));
}

TEST(SignQueueTest, RefusesAJobLargerThanTheBoundEvenWhenEmpty) {
  SignQueue queue(5);
  EXPECT_FALSE(queue.Push(Batch("a", 6)).ok());
  EXPECT_OK(queue.Push(Batch("a", 5)));
}

TEST(SignQueueTest, WhatWaitsCanBePoppedAfterClose) {
  SignQueue queue(5);
  ASSERT_OK(queue.Push(Batch("a", 1)));
  queue.Close();
  EXPECT_TRUE(queue.closed());
  EXPECT_THAT(queue.Push(Batch("b", 1)), base::HasReason("SIGNER_STOPPING"));
  EXPECT_EQ(PopName(queue), "a0");
  EXPECT_FALSE(queue.Pop(absl::Hours(1)).has_value());
}

TEST(SignQueueTest, CloseWakesWhoWaits) {
  SignQueue queue(5);
  std::thread waiter(
      [&] { EXPECT_FALSE(queue.Pop(absl::Hours(1)).has_value()); });
  queue.Close();
  waiter.join();
}

TEST(SignQueueTest, ManyThreadsGetEachDigestOnce) {
  SignQueue queue(1000);
  std::vector<std::set<std::string>> got(4);
  std::vector<std::thread> threads;
  for (auto& mine : got) {
    threads.emplace_back([&queue, &mine] {
      while (auto task = queue.Pop(absl::Hours(1))) {
        mine.insert(task->batch->job().key.label + "/" +
                    std::to_string(task->index));
      }
    });
  }
  for (int i = 0; i < 100; ++i) {
    ASSERT_OK(queue.Push(Batch(std::to_string(i), 7, i % 3 == 0)));
  }
  queue.Close();
  for (std::thread& thread : threads) thread.join();
  std::set<std::string> all;
  size_t sum = 0;
  for (const auto& mine : got) {
    all.insert(mine.begin(), mine.end());
    sum += mine.size();
  }
  EXPECT_EQ(sum, 700u);
  EXPECT_EQ(all.size(), 700u);
}

}  // namespace
}  // namespace countersign::hsm
