// Waiting in tests for what threads of the signer bring about by themselves:
// there is nothing else to wait on.
#ifndef COUNTERSIGN_HSM_AWAIT_FIXTURE_H_
#define COUNTERSIGN_HSM_AWAIT_FIXTURE_H_

#include "absl/time/time.h"
#include "base/clock.h"

namespace countersign::hsm {

// Longer than anything takes on a slow machine.
constexpr absl::Duration kPatience = absl::Minutes(1);

// Whether `condition` came to hold in that time. Asks every millisecond.
template <typename Condition>
bool Await(Condition condition) {
  const absl::Duration until = base::SteadyNow() + kPatience;
  while (base::SteadyNow() < until) {
    if (condition()) return true;
    base::SleepFor(absl::Milliseconds(1));
  }
  return condition();
}

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_AWAIT_FIXTURE_H_
