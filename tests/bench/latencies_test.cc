#include "tests/bench/latencies.h"

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace countersign::bench {
namespace {

TEST(LatenciesTest, SaysZeroOfNothing) {
  Latencies latencies;
  EXPECT_EQ(latencies.count(), 0u);
  EXPECT_EQ(latencies.Percentile(0.5), 0);
}

TEST(LatenciesTest, TakesTheNearestRank) {
  Latencies latencies;
  for (int i = 100; i >= 1; --i) latencies.Add(absl::Milliseconds(i));
  EXPECT_EQ(latencies.count(), 100u);
  EXPECT_EQ(latencies.Percentile(0), 1);
  EXPECT_EQ(latencies.Percentile(0.5), 51);
  EXPECT_EQ(latencies.Percentile(0.99), 100);
  EXPECT_EQ(latencies.Percentile(1), 100);
}

}  // namespace
}  // namespace countersign::bench
