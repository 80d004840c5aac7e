// A clock that tests move by hand.
#ifndef COUNTERSIGN_BASE_FAKE_CLOCK_H_
#define COUNTERSIGN_BASE_FAKE_CLOCK_H_

#include "absl/time/time.h"
#include "base/clock.h"
#include "base/mutex.h"

namespace countersign::base {

// Thread-safe.
class FakeClock final : public Clock {
 public:
  // Starts at 2026-01-01T00:00:00Z.
  FakeClock() : now_(absl::FromUnixSeconds(1767225600)) {}
  explicit FakeClock(absl::Time now) : now_(now) {}

  absl::Time Now() const override {
    MutexLock lock(mutex_);
    return now_;
  }
  void Advance(absl::Duration by) {
    MutexLock lock(mutex_);
    now_ += by;
  }
  void Set(absl::Time now) {
    MutexLock lock(mutex_);
    now_ = now;
  }

 private:
  mutable Mutex mutex_;
  absl::Time now_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace countersign::base

#endif  // COUNTERSIGN_BASE_FAKE_CLOCK_H_
