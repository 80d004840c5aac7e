// When a failed call is tried again, and after how long. A value and a pure
// function; attempts.h counts with it, and the sleeping is done by
// connection.h.
#ifndef COUNTERSIGN_CLIENT_API_RETRY_H_
#define COUNTERSIGN_CLIENT_API_RETRY_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace countersign::client {

struct RetryPolicy {
  // Calls in a row, the first one included, that fail without the server having
  // said when to come back: nobody answers. 1 never repeats such a call. What
  // the server asks to be repeated is bounded by the call's time only.
  int max_attempts = 5;
  // Doubles each time, to the maximum.
  absl::Duration first_delay = absl::Milliseconds(200);
  absl::Duration max_delay = absl::Seconds(5);
};

// True for UNAVAILABLE and for ABORTED (a lost race), but not for a stale etag:
// what was shown to a person has to be shown again; and for RESOURCE_EXHAUSTED
// that says when to come back.
bool IsTransient(const absl::Status& status);

// How long the server asks to stay away; nullopt where it does not say.
std::optional<absl::Duration> ServerDelay(const absl::Status& status);

// The pause after the failure `attempt` (from 1; those in a row without a word
// of the server), or nullopt to give up. `chance` in [0, 1) spreads clients
// apart: the server's own delay is a minimum, and up to half of it is added;
// where there is none, half of the step is fixed and half random.
std::optional<absl::Duration> RetryDelay(const RetryPolicy& policy, int attempt,
                                         const absl::Status& status,
                                         double chance);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_API_RETRY_H_
