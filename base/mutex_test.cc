#include "base/mutex.h"

#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace countersign::base {
namespace {

class Counter {
 public:
  void Add() {
    MutexLock lock(mutex_);
    ++count_;
    changed_.SignalAll();
  }
  void WaitUntil(int count) {
    MutexLock lock(mutex_);
    while (count_ < count) changed_.Wait(mutex_);
  }
  bool TimesOut(absl::Duration timeout) {
    MutexLock lock(mutex_);
    while (changed_.WaitFor(mutex_, timeout)) {
    }
    return true;
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  int count_ ABSL_GUARDED_BY(mutex_) = 0;
};

TEST(MutexTest, KeepsThreadsApart) {
  Counter counter;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&counter] {
      for (int j = 0; j < 1000; ++j) counter.Add();
    });
  }
  counter.WaitUntil(4000);
  for (std::thread& thread : threads) thread.join();
}

TEST(CondVarTest, WakesTheWaiter) {
  Counter counter;
  std::thread waiter([&counter] { counter.WaitUntil(1); });
  counter.Add();
  waiter.join();
}

TEST(CondVarTest, GivesUpAfterTheTimeout) {
  Counter counter;
  EXPECT_TRUE(counter.TimesOut(absl::Milliseconds(1)));
  EXPECT_TRUE(counter.TimesOut(absl::Seconds(-1)));
  counter.Add();  // the mutex is free again
}

}  // namespace
}  // namespace countersign::base
