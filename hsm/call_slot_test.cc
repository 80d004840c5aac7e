#include "hsm/call_slot.h"

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "absl/time/time.h"
#include "core/algorithms.h"
#include "core/signer.h"
#include "gtest/gtest.h"
#include "hsm/sign_batch.h"
#include "hsm/sign_task.h"

namespace countersign::hsm {
namespace {

using Outcome = CallSlot::Outcome;

constexpr absl::Duration kBegan = absl::Seconds(100);
const absl::Time kDeadline = absl::FromUnixSeconds(1000);

class CallSlotTest : public testing::Test {
 protected:
  SignTask Task(size_t index = 0) {
    core::SignJob job;
    job.key = {"id", "label", core::KeyType::kEcP256, "spki", {}};
    job.algorithm = core::SignatureAlgorithm::kEcdsa;
    job.digests.resize(2, std::string(32, 'd'));
    job.deadline = kDeadline;
    return {
        std::make_shared<SignBatch>(std::move(job), [](core::SignResult) {}),
        index, 0, 0};
  }

  CallSlot slot_;
};

TEST_F(CallSlotTest, TheTaskComesBackFromACallInTime) {
  slot_.Begin(Task(1), kBegan);
  EXPECT_EQ(slot_.InsideFor(kBegan + absl::Seconds(3)), absl::Seconds(3));
  EXPECT_FALSE(slot_.TakeLate(kDeadline - absl::Nanoseconds(1)).has_value());
  EXPECT_FALSE(slot_.LeaveBehind(kBegan + absl::Seconds(9), absl::Seconds(10)));
  SignTask task;
  EXPECT_EQ(slot_.End(task), Outcome::kMine);
  EXPECT_NE(task.batch, nullptr);
  EXPECT_EQ(task.index, 1u);
  EXPECT_EQ(slot_.InsideFor(kBegan), absl::ZeroDuration());
}

TEST_F(CallSlotTest, NothingIsTakenFromAThreadThatIsNotInside) {
  EXPECT_FALSE(slot_.TakeLate(absl::InfiniteFuture()).has_value());
  EXPECT_FALSE(slot_.LeaveBehind(kBegan, absl::ZeroDuration()).has_value());
}

TEST_F(CallSlotTest, PastTheDeadlineTheTaskIsTakenAndTheThreadStays) {
  slot_.Begin(Task(), kBegan);
  const auto taken = slot_.TakeLate(kDeadline);
  ASSERT_TRUE(taken.has_value());
  EXPECT_TRUE(taken->task.has_value());
  EXPECT_FALSE(taken->key_used);
  EXPECT_FALSE(slot_.TakeLate(kDeadline).has_value());
  SignTask task = Task();
  EXPECT_EQ(slot_.End(task), Outcome::kTaken);
  EXPECT_EQ(task.batch, nullptr);
  slot_.Begin(Task(), kBegan + absl::Seconds(1));
  EXPECT_EQ(slot_.End(task), Outcome::kMine);
}

TEST_F(CallSlotTest, ACallThatTakesTooLongIsLeftBehindWithItsTask) {
  slot_.Begin(Task(), kBegan);
  slot_.begun()->store(true);
  const auto taken =
      slot_.LeaveBehind(kBegan + absl::Seconds(10), absl::Seconds(10));
  ASSERT_TRUE(taken.has_value());
  EXPECT_TRUE(taken->task.has_value());
  EXPECT_TRUE(taken->key_used);
  EXPECT_EQ(taken->inside, absl::Seconds(10));
  EXPECT_FALSE(slot_.LeaveBehind(kBegan + absl::Hours(1), absl::Seconds(10)));
  SignTask task;
  EXPECT_EQ(slot_.End(task), Outcome::kLeftBehind);
}

TEST_F(CallSlotTest, ALateCallIsLeftBehindWithoutItsTask) {
  slot_.Begin(Task(), kBegan);
  ASSERT_TRUE(slot_.TakeLate(kDeadline).has_value());
  const auto taken =
      slot_.LeaveBehind(kBegan + absl::Seconds(10), absl::Seconds(10));
  ASSERT_TRUE(taken.has_value());
  EXPECT_FALSE(taken->task.has_value());
}

TEST_F(CallSlotTest, ACallWithoutATaskHasNoDeadline) {
  slot_.Begin(SignTask(), kBegan);
  EXPECT_FALSE(slot_.TakeLate(absl::InfiniteFuture()).has_value());
  const auto taken =
      slot_.LeaveBehind(kBegan + absl::Seconds(1), absl::Seconds(1));
  ASSERT_TRUE(taken.has_value());
  EXPECT_FALSE(taken->task.has_value());
}

// Of the thread and the watchdog exactly one has each task at the end.
TEST_F(CallSlotTest, EachTaskIsFinishedByExactlyOne) {
  constexpr int kTasks = 20000;
  std::atomic<int> taken{0};
  std::atomic<bool> done{false};
  std::thread watchdog([&] {
    while (!done) {
      const auto late = slot_.TakeLate(kDeadline);
      if (late.has_value() && late->task.has_value()) ++taken;
    }
  });
  int mine = 0;
  const SignTask task = Task();
  for (int i = 0; i < kTasks; ++i) {
    slot_.Begin(task, kBegan + absl::Nanoseconds(i));
    SignTask back;
    if (slot_.End(back) == Outcome::kMine && back.batch != nullptr) ++mine;
  }
  done = true;
  watchdog.join();
  EXPECT_EQ(mine + taken, kTasks);
}

}  // namespace
}  // namespace countersign::hsm
