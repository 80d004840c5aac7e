#include "server/denial_limit.h"

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

#include "base/fake_clock.h"
#include "gtest/gtest.h"

namespace countersign::server {
namespace {

class DenialLimitTest : public testing::Test {
 protected:
  std::optional<int64_t> Take() { return limit_.Take(clock_.Now()); }
  void Exhaust() {
    while (Take().has_value()) {
    }
  }

  base::FakeClock clock_;
  DenialLimit limit_{{3, absl::Seconds(1)}};
};

TEST_F(DenialLimitTest, RecordsABurstOneByOneAndCountsTheRest) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Take(), 0);
  EXPECT_EQ(Take(), std::nullopt);
  EXPECT_EQ(Take(), std::nullopt);
}

TEST_F(DenialLimitTest, TellsTheNextHowManyWereLeftOutAndThenForgets) {
  Exhaust();
  Take();
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Take(), 2);
  EXPECT_EQ(Take(), std::nullopt);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Take(), 1);
}

TEST_F(DenialLimitTest, RefillsAtItsRateWhoeverAsksMeanwhile) {
  Exhaust();
  int recorded = 0;
  for (int i = 0; i < 100; ++i) {
    clock_.Advance(absl::Milliseconds(100));
    recorded += Take().has_value() ? 1 : 0;
  }
  EXPECT_GE(recorded, 9);
  EXPECT_LE(recorded, 10);
}

TEST_F(DenialLimitTest, FillsToTheBurstAndNoFurther) {
  Exhaust();
  clock_.Advance(absl::Hours(1));
  EXPECT_EQ(Take(), 1);  // that which ended the burst
  EXPECT_EQ(Take(), 0);
  EXPECT_EQ(Take(), 0);
  EXPECT_EQ(Take(), std::nullopt);
}

TEST_F(DenialLimitTest, AClockThatIsSetBackNeitherFillsNorStops) {
  Exhaust();
  clock_.Advance(-absl::Hours(1));
  EXPECT_EQ(Take(), std::nullopt);
  clock_.Advance(absl::Seconds(1));
  EXPECT_TRUE(Take().has_value());
}

TEST_F(DenialLimitTest, TellsWhatCouldNotBeRecordedLater) {
  Exhaust();
  limit_.Return(5);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Take(), 6);
}

TEST_F(DenialLimitTest, LosesNoneAmongManyThreads) {
  constexpr int kThreads = 4;
  constexpr int kCalls = 1000;
  std::atomic<int64_t> told = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < kCalls; ++j) {
        const auto left_out = Take();
        if (left_out.has_value()) told += 1 + *left_out;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  clock_.Advance(absl::Seconds(1));
  told += *Take();
  EXPECT_EQ(told, kThreads * kCalls);
}

}  // namespace
}  // namespace countersign::server
