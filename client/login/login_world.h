// What logging in reaches of the world, as arguments: HTTPS, time, chance,
// Ctrl-C. The command line fills it with the real things, tests with their own.
#ifndef COUNTERSIGN_CLIENT_LOGIN_LOGIN_WORLD_H_
#define COUNTERSIGN_CLIENT_LOGIN_LOGIN_WORLD_H_

#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/https_call.h"
#include "base/random.h"

namespace countersign::client {

using HttpsPort =
    std::function<absl::StatusOr<base::HttpsAnswer>(const base::HttpsCall&)>;

// Borrows clock and chance, which must outlive it. The functions are
// thread-safe where a LoginTokenSource has them.
struct LoginWorld {
  HttpsPort https;
  const base::Clock& clock;
  base::Random& random;
  std::function<bool()> interrupted = [] { return false; };
  std::function<void(absl::Duration)> sleep = base::SleepFor;
  std::function<absl::Duration()> steady = base::SteadyNow;
};

// Blocks. As base::CallHttps, with Ctrl-C: CANCELLED (INTERRUPTED).
absl::StatusOr<base::HttpsAnswer> CallIssuer(const LoginWorld& world,
                                             base::HttpsCall call);

// Blocks for `duration`. CANCELLED (INTERRUPTED) soon after Ctrl-C.
absl::Status Wait(const LoginWorld& world, absl::Duration duration);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_LOGIN_LOGIN_WORLD_H_
