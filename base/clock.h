// Wall clock as an argument. Only clock.cc reads the real time.
#ifndef COUNTERSIGN_BASE_CLOCK_H_
#define COUNTERSIGN_BASE_CLOCK_H_

#include "absl/time/time.h"

namespace countersign::base {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;
};

class SystemClock final : public Clock {
 public:
  absl::Time Now() const override;
};

// Steady time for measuring; it never jumps, and its zero means nothing.
absl::Duration SteadyNow();

// CPU time that the calling thread has used.
absl::Duration ThreadCpuTime();

// Blocks. For timers of the composition root and of clients, never in core/.
void SleepFor(absl::Duration duration);

}  // namespace countersign::base

#endif  // COUNTERSIGN_BASE_CLOCK_H_
