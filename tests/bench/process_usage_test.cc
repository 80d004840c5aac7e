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
  pthread_setname_np(busy.native_handle(), "hsm-1) (x");

  ProcessUsage usage;
  while (usage.prefix_cpu_seconds < 0.02) {
    usage = ReadProcessUsage(getpid(), "hsm-1)");
  }
  EXPECT_EQ(ReadProcessUsage(getpid(), "other").prefix_cpu_seconds, 0);
  stop = true;
  busy.join();

  EXPECT_GE(usage.threads, 2);
  EXPECT_GT(usage.rss_kib, 1000);
  EXPECT_GE(usage.cpu_seconds, usage.prefix_cpu_seconds - 0.01);
}

TEST(ProcessUsageTest, SaysZeroOfAProcessThatIsGone) {
  const ProcessUsage usage = ReadProcessUsage(-1, "hsm");
  EXPECT_EQ(usage.cpu_seconds, 0);
  EXPECT_EQ(usage.threads, 0);
}

}  // namespace
}  // namespace countersign::bench
