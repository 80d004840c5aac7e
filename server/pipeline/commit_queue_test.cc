#include "server/pipeline/commit_queue.h"

#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/status_matchers.h"
#include "core/fake_store.h"
#include "core/sample_values.h"
#include "gtest/gtest.h"

namespace countersign::server {
namespace {

core::ChangeSet OneEvent() {
  core::ChangeSet changes;
  changes.events.push_back(
      core::SampleEvent(core::EventType::kCallDenied, "ann", "x"));
  return changes;
}

CommitQueue::Options Lingering(absl::Duration linger) {
  CommitQueue::Options options;
  options.linger = linger;
  options.linger_digests = 4;
  options.linger_change_sets = 8;
  options.max_change_sets = 8;
  return options;
}

// Long enough that a test which waits for it would run into its time limit.
constexpr absl::Duration kForever = absl::Hours(1);

class CommitQueueTest : public testing::Test {
 protected:
  void StartWriter(CommitQueue& queue) {
    writer_ = std::thread([&queue] { queue.RunLoop(); });
  }
  void End(CommitQueue& queue) {
    queue.Stop();
    writer_.join();
  }
  CommitQueue::OnDurable Ignore() {
    return [](const core::ChangeSet&) {};
  }

  core::FakeStore store_;
  std::thread writer_;
};

TEST_F(CommitQueueTest, PutsWhatWaitsIntoOneCommitInOrder) {
  CommitQueue queue(store_, Lingering(kForever), Ignore(), nullptr);
  std::vector<uint64_t> leaves;
  for (int i = 0; i < 5; ++i) {
    queue.Push(OneEvent(), [&](CommitQueue::Outcome outcome) {
      leaves.push_back(std::get<core::Committed>(*outcome).first_leaf);
    });
  }
  StartWriter(queue);
  End(queue);
  EXPECT_EQ(store_.commits(), 1);
  EXPECT_EQ(leaves, (std::vector<uint64_t>{0, 1, 2, 3, 4}));
}

TEST_F(CommitQueueTest, NeverTakesMoreThanItsBound) {
  CommitQueue queue(store_, Lingering(kForever), Ignore(), nullptr);
  int answers = 0;
  for (int i = 0; i < 20; ++i) {
    queue.Push(OneEvent(), [&](const CommitQueue::Outcome&) { ++answers; });
  }
  StartWriter(queue);
  End(queue);
  EXPECT_EQ(answers, 20);
  EXPECT_EQ(store_.commits(), 3);  // 8, 8, 4
}

TEST_F(CommitQueueTest, DoesNotLingerWhileTheSignerHasLittleToDo) {
  CommitQueue queue(store_, Lingering(kForever), Ignore(), nullptr);
  queue.AddSignerLoad(3);
  StartWriter(queue);
  base::Mutex mutex;
  base::CondVar changed;
  bool answered = false;
  queue.Push(OneEvent(), [&](const CommitQueue::Outcome&) {
    base::MutexLock lock(mutex);
    answered = true;
    changed.Signal();
  });
  {
    base::MutexLock lock(mutex);
    while (!answered) changed.Wait(mutex);
  }
  End(queue);
}

TEST_F(CommitQueueTest, LingersNoLongerWhenTheSignerRunsDry) {
  CommitQueue queue(store_, Lingering(kForever), Ignore(), nullptr);
  queue.AddSignerLoad(4);
  StartWriter(queue);
  base::Mutex mutex;
  base::CondVar changed;
  bool answered = false;
  queue.Push(OneEvent(), [&](const CommitQueue::Outcome&) {
    base::MutexLock lock(mutex);
    answered = true;
    changed.Signal();
  });
  queue.AddSignerLoad(-1);
  {
    base::MutexLock lock(mutex);
    while (!answered) changed.Wait(mutex);
  }
  EXPECT_EQ(queue.signer_load(), 3);
  End(queue);
}

TEST_F(CommitQueueTest, LingersNoLongerWhenABatchIsFull) {
  CommitQueue queue(store_, Lingering(kForever), Ignore(), nullptr);
  queue.AddSignerLoad(100);
  StartWriter(queue);
  base::Mutex mutex;
  base::CondVar changed;
  int answers = 0;
  for (int i = 0; i < 8; ++i) {
    queue.Push(OneEvent(), [&](const CommitQueue::Outcome&) {
      base::MutexLock lock(mutex);
      ++answers;
      changed.Signal();
    });
  }
  {
    base::MutexLock lock(mutex);
    while (answers < 8) changed.Wait(mutex);
  }
  EXPECT_EQ(store_.commits(), 1);
  End(queue);
}

TEST_F(CommitQueueTest, TellsEverySetOfAFailedBatchAndRenewsNothing) {
  int renewed = 0;
  CommitQueue queue(
      store_, Lingering(kForever), [&](const core::ChangeSet&) { ++renewed; },
      nullptr);
  store_.FailNextCommits(1, absl::InternalError("disk"));
  int failed = 0;
  for (int i = 0; i < 3; ++i) {
    queue.Push(OneEvent(), [&](const CommitQueue::Outcome& outcome) {
      EXPECT_THAT(outcome, base::HasReason("RECORD_UNAVAILABLE"));
      ++failed;
    });
  }
  StartWriter(queue);
  End(queue);
  EXPECT_EQ(failed, 3);
  EXPECT_EQ(renewed, 0);
}

TEST_F(CommitQueueTest, RefusesAtOnceAfterItsEnd) {
  CommitQueue queue(store_, Lingering(kForever), Ignore(), nullptr);
  StartWriter(queue);
  End(queue);
  bool told = false;
  queue.Push(OneEvent(), [&](const CommitQueue::Outcome& outcome) {
    EXPECT_THAT(outcome, base::HasReason("RECORD_UNAVAILABLE"));
    told = true;
  });
  EXPECT_TRUE(told);
}

}  // namespace
}  // namespace countersign::server
