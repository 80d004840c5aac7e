// Work that waits for one thread of the composition root: the finisher, which
// sends answers, and the key maker, whose calls block for seconds. It starts no
// thread; app.cc does.
#ifndef COUNTERSIGN_SERVER_PIPELINE_TASK_QUEUE_H_
#define COUNTERSIGN_SERVER_PIPELINE_TASK_QUEUE_H_

#include <functional>
#include <vector>

#include "base/mutex.h"

namespace countersign::server {

// Thread-safe.
class TaskQueue {
 public:
  void Push(std::function<void()> task) ABSL_LOCKS_EXCLUDED(mutex_);

  // Runs tasks in order. Blocks until Stop was called and nothing is left.
  void RunLoop() ABSL_LOCKS_EXCLUDED(mutex_);

  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // Everything that waits, in one swap; empty when the loop shall end.
  std::vector<std::function<void()>> TakeAll() ABSL_LOCKS_EXCLUDED(mutex_);

  base::Mutex mutex_;
  base::CondVar changed_;
  std::vector<std::function<void()>> tasks_ ABSL_GUARDED_BY(mutex_);
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_PIPELINE_TASK_QUEUE_H_
