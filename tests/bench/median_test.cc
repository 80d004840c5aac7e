#include "tests/bench/median.h"

#include "gtest/gtest.h"

namespace countersign::bench {
namespace {

TEST(MedianTest, TakesTheMiddle) {
  EXPECT_EQ(Median(std::vector<double>{}), 0);
  EXPECT_EQ(Median(std::vector<double>{3}), 3);
  EXPECT_EQ(Median({5, 1, 3}), 3);
  EXPECT_EQ(Median({4, 1, 3, 2}), 2);
}

TEST(MedianTest, TakesEachFigureByItself) {
  std::vector<SignResult> windows(3);
  windows[0].signatures_per_second = 100;
  windows[0].p99_ms = 9;
  windows[1].signatures_per_second = 300;
  windows[1].p99_ms = 7;
  windows[2].signatures_per_second = 200;
  windows[2].p99_ms = 8;
  for (SignResult& window : windows) window.requests = 5;
  windows[2].rss_kib = 42;
  const SignResult median = Median(windows);
  EXPECT_EQ(median.signatures_per_second, 200);
  EXPECT_EQ(median.p99_ms, 8);
  EXPECT_EQ(median.requests, 15);
  EXPECT_EQ(median.rss_kib, 42);
}

TEST(MedianTest, CountsAThreadThatIsNotThereAsIdle) {
  std::vector<SignResult> windows(3);
  windows[0].cpu_us = {{"hsm", 400}, {"timer", 8}};
  windows[1].cpu_us = {{"hsm", 500}};
  windows[2].cpu_us = {{"hsm", 450}};
  const SignResult median = Median(windows);
  EXPECT_EQ(median.cpu_us.at("hsm"), 450);
  EXPECT_EQ(median.cpu_us.at("timer"), 0);
}

}  // namespace
}  // namespace countersign::bench
