#include "hsm/session_budget.h"

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace countersign::hsm {
namespace {

constexpr absl::Duration kNow = absl::Hours(1);

int ReserveAll(SessionBudget& budget, absl::Duration now = kNow) {
  int reserved = 0;
  while (budget.Reserve(now)) ++reserved;
  return reserved;
}

TEST(SessionBudgetTest, GivesAsManyAsWanted) {
  SessionBudget budget(3);
  EXPECT_EQ(ReserveAll(budget), 3);
  budget.Release();
  EXPECT_EQ(ReserveAll(budget), 1);
  EXPECT_EQ(budget.reserved(), 3);
}

struct LimitCase {
  unsigned long says;
  int given;
};

// Of eight that are wanted.
TEST(SessionBudgetTest, BelievesTheTokensFigureAndLeavesTwo) {
  for (const LimitCase& c : {LimitCase{0, 8}, LimitCase{10, 8}, LimitCase{9, 7},
                             LimitCase{4, 2}, LimitCase{3, 1}, LimitCase{2, 1},
                             LimitCase{1, 1}, LimitCase{~0ul - 1, 8}}) {
    SessionBudget budget(8);
    budget.SetTokenLimit(c.says);
    EXPECT_EQ(ReserveAll(budget), c.given) << c.says;
  }
}

TEST(SessionBudgetTest, ShrinksToWhatThereIsRoomFor) {
  SessionBudget budget(4);
  ASSERT_EQ(ReserveAll(budget), 4);
  EXPECT_TRUE(budget.ReleaseForWant(kNow));
  EXPECT_EQ(ReserveAll(budget), 0);
  EXPECT_EQ(budget.reserved(), 3);
  EXPECT_FALSE(budget.none());
  // One more is no news.
  EXPECT_FALSE(budget.ReleaseForWant(kNow));
  EXPECT_EQ(budget.reserved(), 2);
}

TEST(SessionBudgetTest, TriesAgainAfterAMinute) {
  SessionBudget budget(4);
  ReserveAll(budget);
  budget.ReleaseForWant(kNow);
  EXPECT_EQ(ReserveAll(budget, kNow + absl::Seconds(59)), 0);
  EXPECT_EQ(ReserveAll(budget, kNow + absl::Seconds(60)), 1);
}

TEST(SessionBudgetTest, TriesSoonerWhereThereIsNoneAtAll) {
  SessionBudget budget(1);
  ReserveAll(budget);
  budget.ReleaseForWant(kNow);
  EXPECT_TRUE(budget.none());
  EXPECT_EQ(ReserveAll(budget, kNow + absl::Seconds(1)), 1);
  EXPECT_FALSE(budget.none());
}

TEST(SessionBudgetTest, IsNewsAgainOnceAllWereOpen) {
  SessionBudget budget(2);
  ReserveAll(budget);
  EXPECT_TRUE(budget.ReleaseForWant(kNow));
  ASSERT_TRUE(budget.Reserve(kNow + absl::Minutes(1)));
  EXPECT_FALSE(budget.ReleaseForWant(kNow + absl::Minutes(1)));
  ASSERT_TRUE(budget.Reserve(kNow + absl::Minutes(2)));
  budget.Opened();
  EXPECT_TRUE(budget.ReleaseForWant(kNow + absl::Minutes(3)));
}

}  // namespace
}  // namespace countersign::hsm
