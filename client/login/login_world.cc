#include "client/login/login_world.h"

#include <algorithm>

#include "client/login/login_error.h"

namespace countersign::client {

absl::StatusOr<base::HttpsAnswer> CallIssuer(const LoginWorld& world,
                                             base::HttpsCall call) {
  call.interrupted = world.interrupted;
  absl::StatusOr<base::HttpsAnswer> answer = world.https(call);
  if (absl::IsCancelled(answer.status())) return LoginInterrupted();
  return answer;
}

absl::Status Wait(const LoginWorld& world, absl::Duration duration) {
  const absl::Duration until = world.steady() + duration;
  while (true) {
    if (world.interrupted()) return LoginInterrupted();
    const absl::Duration left = until - world.steady();
    if (left <= absl::ZeroDuration()) return absl::OkStatus();
    world.sleep(std::min(left, absl::Milliseconds(50)));
  }
}

}  // namespace countersign::client
