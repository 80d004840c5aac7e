// A loop that does something now and then, and that can be stopped at once. It
// starts no thread; app.cc does.
#ifndef COUNTERSIGN_SERVER_TIMER_H_
#define COUNTERSIGN_SERVER_TIMER_H_

#include <functional>

#include "absl/time/time.h"
#include "base/mutex.h"

namespace countersign::server {

// Thread-safe.
class Timer {
 public:
  // Does `tick` at once and then after each pause of `interval`. Blocks until
  // Stop.
  void RunLoop(absl::Duration interval, const std::function<void()>& tick)
      ABSL_LOCKS_EXCLUDED(mutex_) {
    while (!stopped()) {
      tick();
      base::MutexLock lock(mutex_);
      if (!stopped_) changed_.WaitFor(mutex_, interval);
    }
  }

  void Stop() ABSL_LOCKS_EXCLUDED(mutex_) {
    {
      base::MutexLock lock(mutex_);
      stopped_ = true;
    }
    changed_.SignalAll();
  }

 private:
  bool stopped() ABSL_LOCKS_EXCLUDED(mutex_) {
    base::MutexLock lock(mutex_);
    return stopped_;
  }

  base::Mutex mutex_;
  base::CondVar changed_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_TIMER_H_
