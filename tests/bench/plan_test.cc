#include "tests/bench/plan.h"

#include <set>

#include "gtest/gtest.h"

namespace countersign::bench {
namespace {

TEST(PlanTest, NamesEachRowOnce) {
  std::set<std::string> names;
  for (const PlannedRow& row : AllRows()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
  }
  EXPECT_EQ(names.count("rsa2048/clients=16"), 1u);
  EXPECT_EQ(names.count("p256/digests=100/verify=off"), 1u);
}

TEST(PlanTest, HoldsEachFigureAgainstItsBound) {
  PlannedRow plan;
  plan.ratio = 0.85;
  plan.hsm_share = 0.85;
  plan.p99_over_p50 = 1.5;
  plan.added_ms = 0.4;
  plan.rss_mib = 35;
  Row row;
  row.ratio = 0.9;
  row.result.hsm_share = 0.8;
  row.result.p50_ms = 2;
  row.result.p99_ms = 3;
  row.result.rss_kib = 36 * 1024;
  const std::vector<Goal> goals = GoalsOf(plan, row, 1.7);
  ASSERT_EQ(goals.size(), 5u);
  EXPECT_TRUE(goals[0].met());
  EXPECT_FALSE(goals[1].met());
  EXPECT_TRUE(goals[2].met());
  EXPECT_NEAR(goals[3].value, 0.3, 1e-9);
  EXPECT_TRUE(goals[3].met());
  EXPECT_FALSE(goals[4].met());
}

TEST(PlanTest, AsksNothingWherePlanSaysNothing) {
  EXPECT_TRUE(GoalsOf(PlannedRow(), Row(), 1).empty());
}

}  // namespace
}  // namespace countersign::bench
