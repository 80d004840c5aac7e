#include "base/fake_clock.h"

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace countersign::base {
namespace {

TEST(FakeClockTest, StartsAtTheNewYearOf2026) {
  EXPECT_EQ(absl::FormatTime(absl::RFC3339_full, FakeClock().Now(),
                             absl::UTCTimeZone()),
            "2026-01-01T00:00:00+00:00");
}

TEST(FakeClockTest, StandsUntilMoved) {
  FakeClock clock(absl::FromUnixSeconds(100));
  EXPECT_EQ(clock.Now(), absl::FromUnixSeconds(100));
  EXPECT_EQ(clock.Now(), absl::FromUnixSeconds(100));
  clock.Advance(absl::Seconds(5));
  EXPECT_EQ(clock.Now(), absl::FromUnixSeconds(105));
  clock.Set(absl::FromUnixSeconds(7));
  EXPECT_EQ(clock.Now(), absl::FromUnixSeconds(7));
}

}  // namespace
}  // namespace countersign::base
