#include "hsm/module_turn.h"

#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "base/clock.h"
#include "gtest/gtest.h"

namespace countersign::hsm {
namespace {

TEST(ModuleTurnTest, IsTakenByOneAtATime) {
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const ModuleTurn turn;
      const int now = ++inside;
      if (now > most) most = now;
      base::SleepFor(absl::Milliseconds(1));
      --inside;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(most, 1);
}

TEST(ModuleTurnTest, WhoHangsLosesItAndTakesItFromNobody) {
  auto hung = std::make_unique<ModuleTurn>();
  std::optional<ModuleTurn> next(std::in_place);  // after the patience
  hung.reset();  // comes back while `next` has it
  std::atomic<bool> taken = false;
  std::thread third([&] {
    const ModuleTurn turn;
    taken = true;
  });
  base::SleepFor(absl::Milliseconds(50));
  EXPECT_FALSE(taken);
  next.reset();
  third.join();
  EXPECT_TRUE(taken);
}

}  // namespace
}  // namespace countersign::hsm
