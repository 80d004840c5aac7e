#include "server/config/bounds.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::server {
namespace {

using testing::HasSubstr;

TEST(NumberWithin, TakesBothEnds) {
  Mistakes mistakes;
  EXPECT_EQ(NumberWithin("f", 1, 1, 64, mistakes), 1);
  EXPECT_EQ(NumberWithin("f", 64, 1, 64, mistakes), 64);
  EXPECT_TRUE(mistakes.empty());
}

TEST(NumberWithin, NamesFieldValueAndBounds) {
  for (const int value : {0, 65, -2147483647}) {
    Mistakes mistakes;
    NumberWithin("hsm.f", value, 1, 64, mistakes);
    EXPECT_THAT(
        std::string(mistakes.ToStatus("c").message()),
        HasSubstr("hsm.f: is " + std::to_string(value) + "; must be 1 to 64"));
  }
}

TEST(DurationWithin, TakesBothEndsInAnyUnit) {
  Mistakes mistakes;
  const absl::Duration min = absl::Milliseconds(100);
  const absl::Duration max = absl::Minutes(10);
  EXPECT_EQ(DurationWithin("f", "0.1s", min, max, mistakes), min);
  EXPECT_EQ(DurationWithin("f", "600s", min, max, mistakes), max);
  EXPECT_EQ(DurationWithin("f", "1m30s", min, max, mistakes),
            absl::Seconds(90));
  EXPECT_TRUE(mistakes.empty());
}

TEST(DurationWithin, RefusesWhatIsNoneAndWhatIsOutside) {
  const struct {
    const char* text;
    const char* want;
  } kCases[] = {
      {"", "f: \"\" is no duration"},
      {"5", "f: \"5\" is no duration; write a number and a unit"},
      {"5 d", "f: \"5 d\" is no duration"},
      {"99ms", "f: is 99ms; must be 100ms to 10m"},
      {"-1s", "f: is -1s; must be"},
      {"601s", "f: is 10m1s; must be"},
      {"inf", "f: is inf; must be"},
  };
  for (const auto& c : kCases) {
    Mistakes mistakes;
    DurationWithin("f", c.text, absl::Milliseconds(100), absl::Minutes(10),
                   mistakes);
    EXPECT_THAT(std::string(mistakes.ToStatus("c").message()),
                HasSubstr(c.want))
        << c.text;
  }
}

}  // namespace
}  // namespace countersign::server
