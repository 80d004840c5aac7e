// Errors with a reason that programs can tell apart. An absl::Status carries,
// as payloads, a reason (UPPER_SNAKE), metadata, and optionally field
// violations, failed preconditions and a retry delay. Only
// server/grpc_status.cc turns them into google.rpc messages; core/errors.h is
// the catalogue of those that a user can see.
#ifndef COUNTERSIGN_BASE_ERROR_H_
#define COUNTERSIGN_BASE_ERROR_H_

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace countersign::base {

// One field of a request that is wrong: its path ("digests[3].value") and what
// would be right.
struct FieldViolation {
  std::string field;
  std::string description;

  bool operator==(const FieldViolation& o) const {
    return field == o.field && description == o.description;
  }
};

struct ErrorDetails {
  std::string reason;
  std::map<std::string, std::string> metadata;
  std::vector<FieldViolation> field_violations;
  // Failed preconditions: type (UPPER_SNAKE) and description.
  std::vector<std::pair<std::string, std::string>> preconditions;
  std::optional<absl::Duration> retry_delay;

  bool operator==(const ErrorDetails& o) const {
    return reason == o.reason && metadata == o.metadata &&
           field_violations == o.field_violations &&
           preconditions == o.preconditions && retry_delay == o.retry_delay;
  }
};

// `code` must not be OK.
absl::Status MakeError(absl::StatusCode code, absl::string_view message,
                       const ErrorDetails& details);

// The details of `status`; nullopt where it was not made by MakeError.
std::optional<ErrorDetails> GetErrorDetails(const absl::Status& status);

// The reason alone; empty where there is none.
std::string GetReason(const absl::Status& status);

// The same error with "context: " before its message; code and payloads stay.
absl::Status Annotate(const absl::Status& status, absl::string_view context);

}  // namespace countersign::base

#endif  // COUNTERSIGN_BASE_ERROR_H_
