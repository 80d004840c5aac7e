#include "client/api/retry.h"

#include <algorithm>

#include "base/error.h"

namespace countersign::client {

bool IsTransient(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
      return true;
    case absl::StatusCode::kAborted:
      return base::GetReason(status) != "STALE_ETAG";
    case absl::StatusCode::kResourceExhausted: {
      // Overload says when to come back; a message over the limit does not.
      const auto details = base::GetErrorDetails(status);
      return details.has_value() && details->retry_delay.has_value();
    }
    default:
      return false;
  }
}

std::optional<absl::Duration> RetryDelay(const RetryPolicy& policy, int attempt,
                                         const absl::Status& status,
                                         double chance) {
  if (attempt >= policy.max_attempts || !IsTransient(status)) {
    return std::nullopt;
  }
  absl::Duration step = policy.first_delay;
  for (int i = 1; i < attempt && step < policy.max_delay; ++i) step *= 2;
  step = std::min(step, policy.max_delay);
  const absl::Duration own = step / 2 + step / 2 * chance;
  const auto details = base::GetErrorDetails(status);
  if (!details.has_value() || !details->retry_delay.has_value()) return own;
  if (*details->retry_delay > policy.longest_server_delay) return std::nullopt;
  return std::max(own, *details->retry_delay + own / 2);
}

}  // namespace countersign::client
