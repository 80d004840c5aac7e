#include "server/pipeline/task_queue.h"

#include <utility>

namespace countersign::server {

void TaskQueue::Push(std::function<void()> task) {
  bool was_empty;
  {
    base::MutexLock lock(mutex_);
    was_empty = tasks_.empty();
    tasks_.push_back(std::move(task));
  }
  // The loop takes everything at once, so only the first task must wake it.
  if (was_empty) changed_.Signal();
}

void TaskQueue::RunLoop() {
  for (;;) {
    std::vector<std::function<void()>> tasks = TakeAll();
    if (tasks.empty()) return;
    for (std::function<void()>& task : tasks) {
      task();
      task = nullptr;  // what it holds goes now, not with the whole batch
    }
  }
}

void TaskQueue::Stop() {
  {
    base::MutexLock lock(mutex_);
    stopped_ = true;
  }
  changed_.SignalAll();
}

std::vector<std::function<void()>> TaskQueue::TakeAll() {
  base::MutexLock lock(mutex_);
  while (tasks_.empty() && !stopped_) changed_.Wait(mutex_);
  return std::exchange(tasks_, {});
}

}  // namespace countersign::server
