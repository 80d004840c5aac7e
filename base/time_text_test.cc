#include "base/time_text.h"

#include <string>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace countersign::base {
namespace {

TEST(TimeTextTest, IsRfc3339InUtcWithSixDecimals) {
  EXPECT_EQ(TimeText(absl::UnixEpoch()), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(TimeText(absl::FromUnixMicros(1777863721000042)),
            "2026-05-04T03:02:01.000042Z");
}

TEST(TimeTextTest, AgreesWithAbseil) {
  absl::Time time = absl::FromCivil(absl::CivilSecond(1583, 2, 28, 23, 59, 58),
                                    absl::UTCTimeZone());
  for (int i = 0; i < 2000; ++i) {
    EXPECT_EQ(TimeText(time), absl::FormatTime("%E4Y-%m-%dT%H:%M:%E6SZ", time,
                                               absl::UTCTimeZone()));
    time += absl::Hours(2345) + absl::Nanoseconds(1234567891);
  }
}

TEST(TimeTextTest, CutsOffWhatIsLessThanAMicrosecond) {
  EXPECT_EQ(TimeText(absl::UnixEpoch() + absl::Nanoseconds(1999)),
            "1970-01-01T00:00:00.000001Z");
  EXPECT_EQ(TimeText(absl::UnixEpoch() - absl::Nanoseconds(1)),
            "1969-12-31T23:59:59.999999Z");
}

TEST(TimeTextTest, StaysWithinFourDigitsOfYears) {
  EXPECT_EQ(TimeText(absl::InfiniteFuture()), "9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(TimeText(absl::InfinitePast()), "0001-01-01T00:00:00.000000Z");
}

TEST(TimeTextTest, Appends) {
  std::string out = "at ";
  AppendTime(absl::UnixEpoch(), out);
  EXPECT_EQ(out, "at 1970-01-01T00:00:00.000000Z");
}

}  // namespace
}  // namespace countersign::base
