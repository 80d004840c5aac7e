#include "client/api/retry.h"

#include <algorithm>

#include "base/error.h"

namespace countersign::client {

std::optional<absl::Duration> ServerDelay(const absl::Status& status) {
  const auto details = base::GetErrorDetails(status);
  // A server that asks for no pause at all is not believed.
  if (!details.has_value() || !details->retry_delay.has_value() ||
      *details->retry_delay <= absl::ZeroDuration()) {
    return std::nullopt;
  }
  return details->retry_delay;
}

bool IsTransient(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
      return true;
    case absl::StatusCode::kAborted:
      return base::GetReason(status) != "STALE_ETAG";
    case absl::StatusCode::kResourceExhausted:
      // Overload says when to come back; a message over the limit does not.
      return ServerDelay(status).has_value();
    default:
      return false;
  }
}

std::optional<absl::Duration> RetryDelay(const RetryPolicy& policy, int attempt,
                                         const absl::Status& status,
                                         double chance) {
  if (!IsTransient(status)) return std::nullopt;
  if (const auto asked = ServerDelay(status); asked.has_value()) {
    return *asked + *asked / 2 * chance;
  }
  if (attempt >= policy.max_attempts) return std::nullopt;
  absl::Duration step = policy.first_delay;
  for (int i = 1; i < attempt && step < policy.max_delay; ++i) step *= 2;
  step = std::min(step, policy.max_delay);
  return step / 2 + step / 2 * chance;
}

}  // namespace countersign::client
