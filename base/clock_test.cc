#include "base/clock.h"

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace countersign::base {
namespace {

TEST(SystemClockTest, TellsTheTimeOfDay) {
  const absl::Time before = absl::Now();
  const absl::Time now = SystemClock().Now();
  EXPECT_GE(now, before);
  EXPECT_LE(now, absl::Now());
}

TEST(SteadyNowTest, NeverGoesBack) {
  absl::Duration last = SteadyNow();
  for (int i = 0; i < 1000; ++i) {
    const absl::Duration now = SteadyNow();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(ThreadCpuTimeTest, GrowsWithWork) {
  const absl::Duration before = ThreadCpuTime();
  volatile unsigned sum = 0;
  while (ThreadCpuTime() == before) {
    for (unsigned i = 0; i < 1000; ++i) sum = sum + i;
  }
  EXPECT_GT(ThreadCpuTime(), before);
}

TEST(SleepForTest, TakesAtLeastTheDuration) {
  const absl::Duration before = SteadyNow();
  base::SleepFor(absl::Microseconds(200));
  EXPECT_GE(SteadyNow() - before, absl::Microseconds(200));
}

TEST(SleepForTest, ReturnsAtOnceWhereDurationIsNotPositive) {
  base::SleepFor(absl::ZeroDuration());
  base::SleepFor(absl::Seconds(-1000));
}

}  // namespace
}  // namespace countersign::base
