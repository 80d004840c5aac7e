#include "tests/outage/process_samples.h"

#include <unistd.h>

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace countersign::outage {
namespace {

TEST(Trend, ComparesTheEndWithWhatCameAfterTheWarmUp) {
  std::vector<int64_t> samples;
  for (int i = 0; i < 100; ++i) samples.push_back(i < 10 ? 1 : 1000 + i);
  const Trend trend = TrendOf(samples);
  EXPECT_EQ(trend.start, 1015);
  EXPECT_EQ(trend.end, 1095);
  EXPECT_EQ(TrendOf({}).end, 0);
  EXPECT_EQ(TrendOf({7}).start, 7);
  EXPECT_EQ(TrendOf({7, 9}).end, 9);
  EXPECT_EQ(TrendOf({7, 8, 9}).start, 8);
}

TEST(Trend, IsFlatWithinItsBound) {
  EXPECT_TRUE(IsFlat({100, 110}, 10, 0));
  EXPECT_FALSE(IsFlat({100, 111}, 10, 0));
  EXPECT_TRUE(IsFlat({100, 111}, 10, 1));
  EXPECT_TRUE(IsFlat({100, 20}, 0, 0));
}

TEST(ProcessSamples, SeesThisProcess) {
  ProcessSamples samples(getpid(), absl::Milliseconds(1));
  samples.Stop();
  EXPECT_GT(samples.rss_kib().end, 100);
  EXPECT_GE(samples.descriptors().end, 3);
  EXPECT_GE(samples.threads().end, 2);
}

}  // namespace
}  // namespace countersign::outage
