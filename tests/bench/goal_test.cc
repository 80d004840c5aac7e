#include "tests/bench/goal.h"

#include "gtest/gtest.h"

namespace countersign::bench {
namespace {

TEST(GoalTest, IsMetAtItsBound) {
  EXPECT_TRUE((Goal{"ratio", 0.85, 0.85, true}.met()));
  EXPECT_FALSE((Goal{"ratio", 0.849, 0.85, true}.met()));
  EXPECT_TRUE((Goal{"rss", 35, 35, false}.met()));
  EXPECT_FALSE((Goal{"rss", 35.1, 35, false}.met()));
}

TEST(GoalTest, SaysSoWhereItIsNotMet) {
  EXPECT_EQ(Describe({"hsm_share", 0.79, 0.85, true}),
            "hsm_share 0.79, goal >= 0.85: NOT MET");
  EXPECT_EQ(Describe({"rss_mib", 30, 35, false}),
            "rss_mib 30.00, goal <= 35.00: met");
}

TEST(GoalTest, NamesItsBoundInJson) {
  EXPECT_EQ(ToJson({"rss_mib", 30, 35, false}),
            "{\"figure\": \"rss_mib\", \"value\": 30.000, "
            "\"at_most\": 35.000, \"met\": true}");
}

}  // namespace
}  // namespace countersign::bench
