#include "client/api/attempts.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"

namespace countersign::client {
namespace {

// "58.3s": nobody wants nanoseconds.
std::string Rough(absl::Duration duration) {
  return absl::FormatDuration(absl::Trunc(
      duration, duration < absl::Seconds(1) ? absl::Milliseconds(1)
                                            : absl::Milliseconds(100)));
}

bool NotBegun(const absl::Status& status) {
  const std::string reason = base::GetReason(status);
  return status.code() == absl::StatusCode::kResourceExhausted ||
         reason == "ISSUER_KEYS_UNAVAILABLE" ||
         reason == "TOKEN_ENDPOINT_UNAVAILABLE";
}

}  // namespace

absl::Duration Attempts::Left() const {
  return std::max(timeout_ - spent_, absl::ZeroDuration());
}

std::optional<absl::Duration> Attempts::Failed(const absl::Status& status,
                                               absl::Duration took,
                                               double chance) {
  ++count_;
  spent_ += took;
  silent_ = ServerDelay(status).has_value() ? 0 : silent_ + 1;
  if (IsTransient(status)) last_known_ = status;
  if (repeat_ == Repeat::kIfNotBegun && !NotBegun(status)) return std::nullopt;
  const auto pause = RetryDelay(policy_, silent_, status, chance);
  // An attempt without any time left would only fail.
  if (!pause.has_value() || *pause >= Left()) return std::nullopt;
  spent_ += *pause;
  return pause;
}

void Attempts::Again(absl::Duration took) {
  ++count_;
  spent_ += took;
}

absl::Status Attempts::Result(const absl::Status& status) const {
  const bool late = status.code() == absl::StatusCode::kDeadlineExceeded;
  if (late && count_ == 1 && base::GetReason(status).empty()) {
    base::ErrorDetails details;
    details.reason = "NO_ANSWER";
    details.metadata["tried_for"] = Rough(spent_);
    return base::MakeError(status.code(),
                           absl::StrCat("no answer within ", Rough(spent_)),
                           details);
  }
  const absl::Status& told = late && !last_known_.ok() ? last_known_ : status;
  // An answer that no repetition would change is told as it is.
  if (!IsTransient(told)) return told;
  const std::string standing = StandingRequest(told);
  if (count_ < 2 && standing.empty()) return told;
  base::ErrorDetails details =
      base::GetErrorDetails(told).value_or(base::ErrorDetails());
  details.metadata["attempts"] = absl::StrCat(count_);
  details.metadata["tried_for"] = Rough(spent_);
  std::string message(told.message());
  if (count_ > 1) {
    absl::StrAppend(&message, "; tried ", count_, " times in ", Rough(spent_));
  }
  if (!standing.empty()) {
    absl::StrAppend(&message, "; the request stands: ", standing);
  }
  return base::MakeError(told.code(), message, details);
}

std::string StandingRequest(const absl::Status& status) {
  const auto details = base::GetErrorDetails(status);
  if (!details.has_value() || status.code() != absl::StatusCode::kUnavailable) {
    return "";
  }
  const auto found = details->metadata.find("resource");
  return found != details->metadata.end() &&
                 absl::StrContains(found->second, "/signingRequests/")
             ? found->second
             : "";
}

}  // namespace countersign::client
