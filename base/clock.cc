#include "base/clock.h"

#include <time.h>

#include <chrono>
#include <thread>

#include "absl/time/clock.h"

namespace countersign::base {
namespace {

// clock_gettime fails for no clock that is named here.
absl::Duration ReadClock(clockid_t id) {
  timespec now = {};
  clock_gettime(id, &now);
  return absl::DurationFromTimespec(now);
}

}  // namespace

absl::Time SystemClock::Now() const { return absl::Now(); }

absl::Duration SteadyNow() { return ReadClock(CLOCK_MONOTONIC); }

absl::Duration ThreadCpuTime() { return ReadClock(CLOCK_THREAD_CPUTIME_ID); }

void SleepFor(absl::Duration duration) {
  std::this_thread::sleep_for(absl::ToChronoNanoseconds(duration));
}

}  // namespace countersign::base
