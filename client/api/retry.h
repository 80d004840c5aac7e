// When a failed call is tried again, and after how long. A value and a pure
// function; the sleeping is done by connection.h.
#ifndef COUNTERSIGN_CLIENT_API_RETRY_H_
#define COUNTERSIGN_CLIENT_API_RETRY_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace countersign::client {

struct RetryPolicy {
  // Calls in all, the first one included; 1 never retries.
  int max_attempts = 5;
  // Doubles each time, to the maximum.
  absl::Duration first_delay = absl::Milliseconds(200);
  absl::Duration max_delay = absl::Seconds(5);
  // A server that asks for a longer pause than this is not waited for.
  absl::Duration longest_server_delay = absl::Seconds(30);
};

// True for UNAVAILABLE and for ABORTED (a lost race), but not for a stale etag:
// what was shown to a person has to be shown again.
bool IsTransient(const absl::Status& status);

// The pause after the failure `attempt` (from 1), or nullopt to give up.
// `chance` in [0, 1) spreads clients apart: half of the pause is fixed, half
// random; a server's own delay is a minimum.
std::optional<absl::Duration> RetryDelay(const RetryPolicy& policy, int attempt,
                                         const absl::Status& status,
                                         double chance);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_API_RETRY_H_
