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
#include "core/algorithms.h"
#include "core/signer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::hsm {
namespace {

constexpr absl::Duration kCost = absl::Milliseconds(1);
constexpr core::KeyType kRsa = core::KeyType::kRsa2048;
constexpr SignQueue::Entry kReserved = SignQueue::Entry::kReserved;
constexpr SignQueue::Entry kUnreserved = SignQueue::Entry::kUnreserved;

std::vector<SignTask> Tasks(const core::SignJob& job) {
  const auto batch = std::make_shared<SignBatch>(job, [](core::SignResult) {});
  std::vector<SignTask> tasks;
  for (size_t i = 0; i < batch->size(); ++i) tasks.push_back({batch, i, 0, 0});
  return tasks;
}

core::SignJob Job(const std::string& label, size_t digests,
                  bool priority = false) {
  core::SignJob job;
  job.key.label = label;
  job.share = label;
  job.digests.resize(digests, std::string(32, 'd'));
  job.priority = priority;
  job.deadline = absl::InfiniteFuture();
  return job;
}

std::vector<SignTask> Batch(const std::string& label, size_t digests,
                            bool priority = false) {
  return Tasks(Job(label, digests, priority));
}

// One session, and a digest costs a millisecond.
SignQueue::Options Bounds(size_t max_digests,
                          absl::Duration max_wait = absl::Hours(1)) {
  return {max_digests, max_wait, 1};
}

std::string PopName(SignQueue& queue) {
  const auto task = queue.Pop(absl::ZeroDuration());
  if (!task.has_value()) return "nothing";
  return task->batch->job().key.label + std::to_string(task->index);
}

absl::Duration RetryDelay(const absl::Status& status) {
  return base::GetErrorDetails(status)->retry_delay.value();
}

TEST(SignQueueTest, SharesTakeTurns) {
  SignQueue queue(Bounds(10));
  ASSERT_OK(queue.Push(Batch("a", 3), kUnreserved));
  ASSERT_OK(queue.Push(Batch("b", 1), kUnreserved));
  EXPECT_EQ(queue.size(), 4u);
  EXPECT_EQ(PopName(queue), "a0");
  EXPECT_EQ(PopName(queue), "b0");
  EXPECT_EQ(PopName(queue), "a1");
  EXPECT_EQ(PopName(queue), "a2");
  EXPECT_EQ(PopName(queue), "nothing");
  EXPECT_EQ(queue.size(), 0u);
}

TEST(SignQueueTest, TellsACrowdToComeBackLaterThanAFew) {
  // A digest costs a millisecond or more (sign_cost.h), and one waits.
  SignQueue queue(Bounds(10, absl::Nanoseconds(1)));
  ASSERT_OK(queue.Push(Batch("a", 5), kUnreserved));
  absl::Duration first;
  absl::Duration last;
  for (int i = 0; i < 2000; ++i) {
    const absl::Status refused = queue.Reserve(core::KeyType::kRsa2048, 1);
    ASSERT_THAT(refused, base::HasReason("OVERLOADED"));
    last = RetryDelay(refused);
    if (i == 0) first = last;
  }
  EXPECT_LE(first, absl::Milliseconds(300));
  EXPECT_GE(last, absl::Milliseconds(600));
  EXPECT_LE(last, absl::Seconds(15));
}

TEST(SignQueueTest, ALargeJobDoesNotHoldUpASingleDigestOfAnother) {
  SignQueue queue(Bounds(2000));
  ASSERT_OK(queue.Push(Batch("large", 1000), kUnreserved));
  EXPECT_EQ(PopName(queue), "large0");
  ASSERT_OK(queue.Push(Batch("late", 1), kUnreserved));
  EXPECT_EQ(PopName(queue), "large1");
  EXPECT_EQ(PopName(queue), "late0");
}

TEST(SignQueueTest, PriorityGoesFirstAlsoBeforeTheRestOfAJob) {
  SignQueue queue(Bounds(10));
  ASSERT_OK(queue.Push(Batch("a", 2), kUnreserved));
  EXPECT_EQ(PopName(queue), "a0");
  ASSERT_OK(queue.Push(Batch("p", 2, true), kUnreserved));
  EXPECT_EQ(PopName(queue), "p0");
  EXPECT_EQ(PopName(queue), "p1");
  EXPECT_EQ(PopName(queue), "a1");
}

TEST(SignQueueTest, AFloodOfPriorityWorkLetsOneInNineOfTheOthersPass) {
  SignQueue queue(Bounds(100));
  ASSERT_OK(queue.Push(Batch("a", 2), kUnreserved));
  ASSERT_OK(queue.Push(Batch("p", 40, true), kUnreserved));
  std::vector<int> when;
  for (int i = 1; i <= 42; ++i) {
    if (PopName(queue)[0] == 'a') when.push_back(i);
  }
  EXPECT_THAT(when, testing::ElementsAre(9, 18));
}

TEST(SignQueueTest, WhatAnotherTokenCouldNotDoComesFirstInItsLane) {
  SignQueue queue(Bounds(1));
  ASSERT_OK(queue.Push(Batch("a", 1), kUnreserved));
  SignTask back = Batch("b", 1)[0];
  back.tried = 5;
  back.key_uses = 2;
  EXPECT_OK(queue.PushBack(back));
  EXPECT_EQ(queue.size(), 2u);
  const auto task = queue.Pop(absl::ZeroDuration());
  ASSERT_TRUE(task.has_value());
  EXPECT_EQ(task->batch->job().share, "b");
  EXPECT_EQ(task->tried, 5u);
  EXPECT_EQ(task->key_uses, 2);
  EXPECT_EQ(PopName(queue), "a0");
}

TEST(SignQueueTest, RefusesAJobThatDoesNotFitAsAWhole) {
  SignQueue queue(Bounds(5));
  ASSERT_OK(queue.Push(Batch("a", 3), kUnreserved));
  const absl::Status refused = queue.Push(Batch("b", 3, true), kUnreserved);
  EXPECT_THAT(refused, base::HasReason("OVERLOADED"));
  EXPECT_THAT(refused, base::HasCode(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(queue.size(), 3u);
  EXPECT_OK(queue.Push(Batch("c", 2), kUnreserved));
  EXPECT_FALSE(queue.Push(Batch("d", 1), kUnreserved).ok());
  EXPECT_EQ(PopName(queue), "a0");
  EXPECT_OK(queue.Push(Batch("d", 1), kUnreserved));
}

TEST(SignQueueTest, RefusesAJobLargerThanTheBoundEvenWhenEmpty) {
  SignQueue queue(Bounds(5));
  EXPECT_FALSE(queue.Push(Batch("a", 6), kUnreserved).ok());
  EXPECT_OK(queue.Push(Batch("a", 5), kUnreserved));
}

class BoundByTimeTest : public testing::Test {
 protected:
  BoundByTimeTest() : queue_({100000, absl::Seconds(1), 2}) {
    queue_.RecordCost(core::KeyType::kRsa2048, kCost);
  }
  SignQueue queue_;
};

TEST_F(BoundByTimeTest, ExpectsWhatWaitsAtTheMeasuredRate) {
  EXPECT_EQ(queue_.ExpectedWait(), absl::ZeroDuration());
  ASSERT_OK(queue_.Push(Batch("a", 1000), kUnreserved));
  EXPECT_EQ(queue_.ExpectedWait(), 500 * kCost);
  queue_.SetSessions(1);
  EXPECT_EQ(queue_.ExpectedWait(), 1000 * kCost);
  queue_.SetSessions(0);
  EXPECT_EQ(queue_.ExpectedWait(), absl::InfiniteDuration());
}

TEST_F(BoundByTimeTest, LetsNobodyInWhoWouldWaitLongerThanTheBound) {
  const auto would_enter = [&] {
    const bool ok = queue_.Reserve(kRsa, 1).ok();
    if (ok) queue_.Unreserve(kRsa, 1);
    return ok;
  };
  ASSERT_OK(queue_.Push(Batch("a", 1000), kUnreserved));
  EXPECT_TRUE(would_enter());
  ASSERT_OK(queue_.Push(Batch("a", 1000), kUnreserved));
  EXPECT_TRUE(would_enter());
  ASSERT_OK(queue_.Push(Batch("a", 1), kUnreserved));
  EXPECT_THAT(queue_.Reserve(kRsa, 1), base::HasReason("OVERLOADED"));
  EXPECT_EQ(PopName(queue_), "a0");
  EXPECT_TRUE(would_enter());
}

TEST_F(BoundByTimeTest, WhatIsReservedCountsAsWhatWaits) {
  ASSERT_OK(queue_.Push(Batch("a", 1000), kUnreserved));
  ASSERT_OK(queue_.Reserve(kRsa, 1001));
  EXPECT_EQ(queue_.reserved(), 1001u);
  EXPECT_EQ(queue_.size(), 1000u);
  EXPECT_EQ(queue_.ExpectedWait(), 500 * kCost);
  EXPECT_EQ(queue_.BookedWait(), 1000.5 * kCost);
  EXPECT_THAT(queue_.Reserve(kRsa, 1), base::HasReason("OVERLOADED"));
  queue_.Unreserve(kRsa, 1001);
  EXPECT_EQ(queue_.reserved(), 0u);
  EXPECT_EQ(queue_.BookedWait(), 500 * kCost);
  EXPECT_OK(queue_.Reserve(kRsa, 1));
}

TEST_F(BoundByTimeTest, ReservesAtTheRateOfTheKind) {
  queue_.RecordCost(core::KeyType::kRsa4096, 10 * kCost);
  ASSERT_OK(queue_.Reserve(core::KeyType::kRsa4096, 201));
  EXPECT_EQ(queue_.BookedWait(), 1005 * kCost);
  EXPECT_FALSE(queue_.Reserve(kRsa, 1).ok());
}

TEST_F(BoundByTimeTest, NeverRefusesForTimeWhatIsOnRecord) {
  ASSERT_OK(queue_.Reserve(kRsa, 2001));
  EXPECT_FALSE(queue_.Reserve(kRsa, 1).ok());
  EXPECT_OK(queue_.Push(Batch("mine", 2001), kReserved));
  queue_.Unreserve(kRsa, 2001);
  EXPECT_FALSE(queue_.Reserve(kRsa, 1).ok());
  // An approver released these.
  EXPECT_OK(queue_.Push(Batch("p", 1000, true), kUnreserved));
  EXPECT_OK(queue_.Push(Batch("q", 1000), kUnreserved));
  EXPECT_EQ(queue_.size(), 4001u);
}

TEST_F(BoundByTimeTest, WithoutASessionTimeIsNoReason) {
  ASSERT_OK(queue_.Push(Batch("a", 3000), kUnreserved));
  EXPECT_FALSE(queue_.Reserve(kRsa, 1).ok());
  queue_.SetSessions(0);
  EXPECT_OK(queue_.Reserve(kRsa, 1));
  EXPECT_THAT(queue_.Reserve(kRsa, 100000), base::HasReason("OVERLOADED"));
}

TEST_F(BoundByTimeTest, TheRetryDelayIsTheExcessAndScattered) {
  ASSERT_OK(queue_.Push(Batch("a", 6000), kUnreserved));
  std::set<absl::Duration> delays;
  for (int i = 0; i < 280; ++i) {
    const absl::Duration delay = RetryDelay(queue_.Reserve(kRsa, 1));
    EXPECT_GE(delay, absl::Seconds(1));
    EXPECT_LE(delay, absl::Seconds(3));
    delays.insert(delay);
  }
  EXPECT_GT(delays.size(), 270u);
  EXPECT_LT(*delays.begin(), absl::Milliseconds(1100));
  EXPECT_GT(*delays.rbegin(), absl::Milliseconds(2900));
}

TEST_F(BoundByTimeTest, TheRetryDelayIsAtLeastATenthOfASecond) {
  ASSERT_OK(queue_.Push(Batch("a", 2001), kUnreserved));
  for (int i = 0; i < 100; ++i) {
    EXPECT_GE(RetryDelay(queue_.Reserve(kRsa, 1)), absl::Milliseconds(100));
  }
}

TEST_F(BoundByTimeTest, AnEmptyQueueTakesAJobThatIsLongerThanTheBound) {
  EXPECT_OK(queue_.Reserve(kRsa, 50000));
  EXPECT_OK(queue_.Push(Batch("a", 50000), kReserved));
}

// Lets in jobs of one digest until one is refused.
int LetIn(SignQueue& queue, core::KeyType type) {
  int count = 0;
  while (count < 100000 && queue.Reserve(type, 1).ok()) ++count;
  return count;
}

TEST(SignQueueTest, BeforeAnythingWasMeasuredAGuessBoundsAdmission) {
  SignQueue queue({100000, absl::Milliseconds(50), 2});
  const int let_in = LetIn(queue, core::KeyType::kEcP256);
  EXPECT_GE(let_in, 100);
  EXPECT_LE(let_in, 1000);
  // The first measurement decides at once, whichever way it goes.
  queue.RecordCost(core::KeyType::kEcP256, absl::Microseconds(100));
  EXPECT_EQ(let_in + LetIn(queue, core::KeyType::kEcP256), 1001);
}

TEST(SignQueueTest, WhoIsFirstIsLetInWhateverTheGuess) {
  SignQueue queue({100000, absl::Milliseconds(10), 1});
  EXPECT_OK(queue.Reserve(core::KeyType::kRsa4096, 1000));
}

TEST(SignQueueTest, ReservationsBoundTheNumber) {
  SignQueue queue(Bounds(80));
  EXPECT_FALSE(queue.Reserve(kRsa, 81).ok());
  ASSERT_OK(queue.Reserve(kRsa, 60));
  EXPECT_FALSE(queue.Reserve(kRsa, 11).ok());
  ASSERT_OK(queue.Reserve(kRsa, 10));
  // What is kept back is for what was not counted before.
  EXPECT_FALSE(queue.Reserve(kRsa, 1).ok());
  EXPECT_FALSE(queue.Push(Batch("p", 11, true), kUnreserved).ok());
  EXPECT_OK(queue.Push(Batch("p", 10, true), kUnreserved));
  // And takes no place from those that were.
  EXPECT_OK(queue.Push(Batch("a", 60), kReserved));
  queue.Unreserve(kRsa, 60);
  EXPECT_OK(queue.Push(Batch("b", 10), kReserved));
  queue.Unreserve(kRsa, 10);
  EXPECT_EQ(queue.size(), 80u);
  EXPECT_EQ(queue.reserved(), 0u);
}

TEST(SignQueueTest, TakesOutWhatHasWaitedPastItsDeadline) {
  SignQueue queue(Bounds(100));
  const absl::Time now = absl::UnixEpoch();
  core::SignJob soon = Job("soon", 3);
  soon.deadline = now;
  core::SignJob later = Job("later", 2, true);
  later.deadline = now + absl::Nanoseconds(1);
  ASSERT_OK(queue.Push(Tasks(soon), kUnreserved));
  ASSERT_OK(queue.Push(Tasks(later), kUnreserved));
  ASSERT_OK(queue.PushBack(Tasks(soon)[0]));
  EXPECT_TRUE(queue.TakeExpired(now - absl::Nanoseconds(1)).empty());
  const auto expired = queue.TakeExpired(now);
  EXPECT_EQ(expired.size(), 4u);
  EXPECT_EQ(queue.size(), 2u);
  EXPECT_EQ(queue.TakeExpired(absl::InfiniteFuture()).size(), 2u);
  EXPECT_EQ(PopName(queue), "nothing");
}

TEST(SignQueueTest, TakesOutEverythingAndGoesOn) {
  SignQueue queue(Bounds(100));
  ASSERT_OK(queue.Push(Batch("a", 3), kUnreserved));
  ASSERT_OK(queue.Push(Batch("b", 2, true), kUnreserved));
  EXPECT_EQ(queue.TakeAll().size(), 5u);
  EXPECT_EQ(queue.size(), 0u);
  ASSERT_OK(queue.Push(Batch("c", 1), kUnreserved));
  EXPECT_EQ(PopName(queue), "c0");
}

TEST(SignQueueTest, WhatWaitsCanBePoppedAfterClose) {
  SignQueue queue(Bounds(5));
  ASSERT_OK(queue.Push(Batch("a", 1), kUnreserved));
  queue.Close();
  EXPECT_TRUE(queue.closed());
  EXPECT_THAT(queue.Push(Batch("b", 1), kUnreserved),
              base::HasReason("SIGNER_STOPPING"));
  EXPECT_THAT(queue.PushBack(Batch("b", 1)[0]),
              base::HasReason("SIGNER_STOPPING"));
  EXPECT_THAT(queue.Push(Batch("b", 1), kReserved),
              base::HasReason("SIGNER_STOPPING"));
  EXPECT_THAT(queue.Reserve(kRsa, 1), base::HasReason("SIGNER_STOPPING"));
  EXPECT_EQ(PopName(queue), "a0");
  EXPECT_FALSE(queue.Pop(absl::Hours(1)).has_value());
}

TEST(SignQueueTest, CloseWakesWhoWaits) {
  SignQueue queue(Bounds(5));
  std::thread waiter(
      [&] { EXPECT_FALSE(queue.Pop(absl::Hours(1)).has_value()); });
  queue.Close();
  waiter.join();
}

TEST(SignQueueTest, ManyThreadsGetEachDigestOnce) {
  SignQueue queue(Bounds(1000));
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
    ASSERT_OK(queue.Push(Batch(std::to_string(i), 7, i % 3 == 0), kUnreserved));
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
