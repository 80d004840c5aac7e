#include "tests/bench/process_usage.h"

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "gtest/gtest.h"

namespace countersign::bench {
namespace {

TEST(ProcessUsageTest, TellsThreadsApartByName) {
  std::atomic<bool> stop{false};
  std::thread busy([&] {
    while (!stop) {
    }
  });
  // A name that tests the parsing of /proc/PID/stat.
  pthread_setname_np(busy.native_handle(), "a) (b-12");

  ProcessUsage usage;
  while (usage.thread_cpu_seconds["a) (b"] < 0.02) {
    usage = ReadProcessUsage(getpid());
  }
  EXPECT_EQ(usage.thread_cpu_seconds.count("other"), 0u);
  stop = true;
  busy.join();

  EXPECT_GE(usage.threads, 2);
  EXPECT_GT(usage.rss_kib, 1000);
  EXPECT_GE(usage.cpu_seconds, usage.thread_cpu_seconds["a) (b"] - 0.01);
}

TEST(ProcessUsageTest, SaysZeroOfAProcessThatIsGone) {
  const ProcessUsage usage = ReadProcessUsage(-1);
  EXPECT_EQ(usage.cpu_seconds, 0);
  EXPECT_EQ(usage.threads, 0);
}

}  // namespace
}  // namespace countersign::bench
