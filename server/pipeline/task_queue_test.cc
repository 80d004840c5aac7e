#include "server/pipeline/task_queue.h"

#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace countersign::server {
namespace {

TEST(TaskQueueTest, RunsTasksInOrderAndAllBeforeItsEnd) {
  TaskQueue queue;
  std::vector<int> ran;
  std::thread loop([&] { queue.RunLoop(); });
  for (int i = 0; i < 100; ++i) {
    queue.Push([&ran, i] { ran.push_back(i); });
  }
  queue.Stop();
  loop.join();
  ASSERT_EQ(ran.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(ran[static_cast<size_t>(i)], i);
}

TEST(TaskQueueTest, ATaskMayPushAnother) {
  TaskQueue queue;
  bool ran = false;
  queue.Push([&] {
    queue.Push([&] {
      ran = true;
      queue.Stop();
    });
  });
  queue.RunLoop();
  EXPECT_TRUE(ran);
}

}  // namespace
}  // namespace countersign::server
