// What one call has tried and what time it has left: counts, decides, and says
// at the end what was tried. Time is what attempts took and what pauses were
// asked for. Does not call and does not sleep; used by call.h.
#ifndef COUNTERSIGN_CLIENT_API_ATTEMPTS_H_
#define COUNTERSIGN_CLIENT_API_ATTEMPTS_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client/api/retry.h"

namespace countersign::client {

// Which failures of a call are followed by the same call.
enum class Repeat {
  // All that may pass: reads, and creations with a request_id.
  kHarmless,
  // Only those by which a server says that it did not begin: RESOURCE_EXHAUSTED
  // with a delay (too much to do), ISSUER_KEYS_UNAVAILABLE (it cannot tell yet
  // who we are); and those before it was asked (TOKEN_ENDPOINT_UNAVAILABLE).
  // After a lost answer the caller looks.
  kIfNotBegun,
};

// Thread-compatible.
class Attempts {
 public:
  // `timeout` bounds all attempts and pauses together.
  Attempts(absl::Duration timeout, RetryPolicy policy, Repeat repeat)
      : timeout_(timeout), policy_(policy), repeat_(repeat) {}

  // For the next attempt; never negative.
  absl::Duration Left() const;

  // An attempt that took `took` ended with `status`, which is not OK. The pause
  // before the next one, counted as spent; nullopt: it is over.
  std::optional<absl::Duration> Failed(const absl::Status& status,
                                       absl::Duration took, double chance);

  // An attempt that took `took` and is followed by another one at once.
  void Again(absl::Duration took);

  // What the caller gets when it is over: `status`, and where several were
  // tried for nothing, how many and for how long (metadata "attempts" and
  // "tried_for") and the name of a request that stands. Where time ran out on
  // an attempt, the failure before it tells more and is given instead.
  absl::Status Result(const absl::Status& status) const;

 private:
  const absl::Duration timeout_;
  const RetryPolicy policy_;
  const Repeat repeat_;
  absl::Duration spent_;
  int count_ = 0;
  int silent_ = 0;           // in a row, without a word of the server
  absl::Status last_known_;  // the newest that a repetition could have cured
};

// The signing request that stands although the call failed, as the error of a
// token that is away names it; empty where there is none.
std::string StandingRequest(const absl::Status& status);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_API_ATTEMPTS_H_
