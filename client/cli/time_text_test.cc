#include "client/cli/time_text.h"

#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using base::IsOkAndHolds;

const absl::Time kNow = absl::FromUnixSeconds(1767225600);  // 2026-01-01

struct DurationCase {
  const char* text;
  absl::Duration want;
};

TEST(ParseDuration, ReadsWhatPeopleType) {
  for (const DurationCase& c :
       {DurationCase{"90s", absl::Seconds(90)},
        DurationCase{"15m", absl::Minutes(15)},
        DurationCase{"2h30m", absl::Minutes(150)},
        DurationCase{"168h", absl::Hours(168)},
        DurationCase{"7d", absl::Hours(168)},
        DurationCase{"1d12h", absl::Hours(36)},
        DurationCase{"500ms", absl::Milliseconds(500)}}) {
    EXPECT_THAT(ParseDuration("x", c.text), IsOkAndHolds(c.want)) << c.text;
  }
}

TEST(ParseDuration, RefusesTheRest) {
  for (const char* text : {"", "0", "0s", "5", "-5s", "d", "xd", "7days", "inf",
                           "1d-2h", "99999999d", "soon"}) {
    EXPECT_THAT(ParseDuration("--wait", text), HasReason("DURATION_MALFORMED"))
        << text;
  }
}

TEST(ParseTime, ReadsTimesDatesAndAges) {
  EXPECT_THAT(ParseTime("x", "2025-12-31T23:00:00Z", kNow),
              IsOkAndHolds(kNow - absl::Hours(1)));
  EXPECT_THAT(ParseTime("x", "2026-01-01T01:00:00+01:00", kNow),
              IsOkAndHolds(kNow));
  EXPECT_THAT(ParseTime("x", "2026-01-01", kNow), IsOkAndHolds(kNow));
  EXPECT_THAT(ParseTime("x", "24h", kNow),
              IsOkAndHolds(kNow - absl::Hours(24)));
}

TEST(ParseTime, RefusesTheRest) {
  for (const char* text : {"", "yesterday", "2026-13-01", "12:00"}) {
    EXPECT_THAT(ParseTime("--since", text, kNow), HasReason("TIME_MALFORMED"))
        << text;
  }
}

TEST(ParseStartTime, ReadsTimesDatesAndHowLongFromNow) {
  EXPECT_THAT(ParseStartTime("x", "2026-01-01T01:00:00Z", kNow),
              IsOkAndHolds(kNow + absl::Hours(1)));
  EXPECT_THAT(ParseStartTime("x", "2026-01-02", kNow),
              IsOkAndHolds(kNow + absl::Hours(24)));
  EXPECT_THAT(ParseStartTime("x", "+24h", kNow),
              IsOkAndHolds(kNow + absl::Hours(24)));
  EXPECT_THAT(ParseStartTime("x", "+1d12h", kNow),
              IsOkAndHolds(kNow + absl::Hours(36)));
}

TEST(ParseStartTime, RefusesThePastAndTheRest) {
  for (const char* text :
       {"", "+", "+x", "+0s", "+-1h", "24h", "-24h", "tomorrow", "2025-12-31",
        "2026-01-01", "2026-01-01T00:00:00Z"}) {
    EXPECT_THAT(ParseStartTime("--start-time", text, kNow),
                HasReason("TIME_MALFORMED"))
        << text;
  }
}

TEST(TimeText, IsUtc) {
  EXPECT_EQ(TimeText(kNow), "2026-01-01 00:00:00Z");
  EXPECT_EQ(TimeTextFrom(kNow + absl::Hours(26), kNow),
            "2026-01-02 02:00:00Z (in 1d 2h)");
  EXPECT_EQ(TimeTextFrom(kNow - absl::Seconds(65), kNow),
            "2025-12-31 23:58:55Z (1m 5s ago)");
}

TEST(DurationText, HasTheTwoLargestUnits) {
  EXPECT_EQ(DurationText(absl::ZeroDuration()), "0s");
  EXPECT_EQ(DurationText(absl::Seconds(59)), "59s");
  EXPECT_EQ(DurationText(absl::Hours(24)), "1d");
  EXPECT_EQ(DurationText(absl::Hours(24) + absl::Minutes(5)), "1d");
  EXPECT_EQ(DurationText(absl::Hours(5) + absl::Seconds(3) + absl::Minutes(2)),
            "5h 2m");
}

TEST(ProtoTimes, RoundTrip) {
  const absl::Time time = kNow + absl::Nanoseconds(123456789);
  EXPECT_EQ(FromProto(ToProto(time)), time);
}

}  // namespace
}  // namespace countersign::client
