#include "hsm/queue_room.h"

#include <memory>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/error.h"
#include "base/status_matchers.h"
#include "core/algorithms.h"
#include "core/signer.h"
#include "gtest/gtest.h"
#include "hsm/sign_queue.h"

namespace countersign::hsm {
namespace {

constexpr core::KeyType kRsa = core::KeyType::kRsa2048;

// Of one session, with a millisecond for each digest and a second as bound.
std::shared_ptr<SignQueue> Queue(absl::Duration cost = absl::Milliseconds(1)) {
  auto queue = std::make_shared<SignQueue>(
      SignQueue::Options{20000, absl::Seconds(1), 1});
  queue->RecordCost(kRsa, cost);
  return queue;
}

TEST(QueueRoomTest, IsCountedUntilTheLastLetsGo) {
  const auto queue = Queue();
  ASSERT_OK_AND_ASSIGN(core::RoomPtr room, ReserveRoom({queue}, kRsa, 7));
  core::RoomPtr other = room;
  EXPECT_EQ(queue->reserved(), 7u);
  room = nullptr;
  EXPECT_EQ(queue->reserved(), 7u);
  other = nullptr;
  EXPECT_EQ(queue->reserved(), 0u);
}

TEST(QueueRoomTest, IsDividedSoThatAllAreDoneTogether) {
  const std::vector<std::shared_ptr<SignQueue>> queues = {
      Queue(), Queue(absl::Milliseconds(3))};
  ASSERT_OK_AND_ASSIGN(const core::RoomPtr room,
                       ReserveRoom(queues, kRsa, 400));
  EXPECT_EQ(queues[0]->reserved(), 300u);
  EXPECT_EQ(queues[1]->reserved(), 100u);
}

TEST(QueueRoomTest, SingleDigestsAreCountedOnce) {
  const std::vector<std::shared_ptr<SignQueue>> queues = {Queue(), Queue()};
  std::vector<core::RoomPtr> rooms;
  for (int i = 0; i < 10; ++i) {
    ASSERT_OK_AND_ASSIGN(rooms.emplace_back(), ReserveRoom(queues, kRsa, 1));
  }
  EXPECT_EQ(queues[0]->reserved(), 5u);
  EXPECT_EQ(queues[1]->reserved(), 5u);
}

TEST(QueueRoomTest, TwoTokensLetInTwiceAsMuch) {
  const std::vector<std::shared_ptr<SignQueue>> queues = {Queue(), Queue()};
  std::vector<core::RoomPtr> rooms;
  for (;;) {
    auto room = ReserveRoom(queues, kRsa, 1);
    if (!room.ok()) break;
    rooms.push_back(*std::move(room));
    ASSERT_LT(rooms.size(), 10000u);
  }
  EXPECT_EQ(rooms.size(), 2002u);
}

TEST(QueueRoomTest, IsAllInTheOneThatHasIt) {
  const std::vector<std::shared_ptr<SignQueue>> queues = {Queue(), Queue()};
  ASSERT_OK_AND_ASSIGN(const core::RoomPtr most,
                       ReserveRoom({queues[0]}, kRsa, 1001));
  // Divided it would not fit: nothing more goes into the first.
  ASSERT_OK_AND_ASSIGN(const core::RoomPtr room,
                       ReserveRoom(queues, kRsa, 1999));
  EXPECT_EQ(queues[0]->reserved(), 1001u);
  EXPECT_EQ(queues[1]->reserved(), 1999u);
}

TEST(QueueRoomTest, ARefusalLeavesNothingReserved) {
  const std::vector<std::shared_ptr<SignQueue>> queues = {Queue(), Queue()};
  ASSERT_OK_AND_ASSIGN(const core::RoomPtr first,
                       ReserveRoom({queues[0]}, kRsa, 1001));
  ASSERT_OK_AND_ASSIGN(const core::RoomPtr second,
                       ReserveRoom({queues[1]}, kRsa, 1002));
  const auto refused = ReserveRoom(queues, kRsa, 500);
  EXPECT_THAT(refused, base::HasReason("OVERLOADED"));
  EXPECT_TRUE(base::GetErrorDetails(refused.status())->retry_delay.has_value());
  EXPECT_EQ(queues[0]->reserved(), 1001u);
  EXPECT_EQ(queues[1]->reserved(), 1002u);
}

TEST(QueueRoomTest, GoesToTheTokenThatHasASession) {
  const std::vector<std::shared_ptr<SignQueue>> queues = {Queue(), Queue()};
  queues[0]->SetSessions(0);
  ASSERT_OK_AND_ASSIGN(const core::RoomPtr room, ReserveRoom(queues, kRsa, 9));
  EXPECT_EQ(queues[0]->reserved(), 0u);
  EXPECT_EQ(queues[1]->reserved(), 9u);
}

TEST(QueueRoomTest, MayOutliveTheSigner) {
  core::RoomPtr room;
  std::weak_ptr<SignQueue> left;
  {
    const auto queue = Queue();
    left = queue;
    ASSERT_OK_AND_ASSIGN(room, ReserveRoom({queue}, kRsa, 1));
    queue->Close();
  }
  EXPECT_FALSE(left.expired());
  room = nullptr;
  EXPECT_TRUE(left.expired());
}

TEST(QueueRoomTest, ManyThreadsLeaveNothingReserved) {
  const std::vector<std::shared_ptr<SignQueue>> queues = {Queue(), Queue()};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&queues] {
      std::vector<core::RoomPtr> rooms(8);
      for (size_t i = 0; i < 4000; ++i) {
        auto room = ReserveRoom(queues, kRsa, i % 300 + 1);
        if (room.ok()) rooms[i % rooms.size()] = *std::move(room);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(queues[0]->reserved(), 0u);
  EXPECT_EQ(queues[1]->reserved(), 0u);
}

}  // namespace
}  // namespace countersign::hsm
