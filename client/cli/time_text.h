// Durations and times as people type and read them. Pure.
#ifndef COUNTERSIGN_CLIENT_CLI_TIME_TEXT_H_
#define COUNTERSIGN_CLIENT_CLI_TIME_TEXT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace countersign::client {

// "90s", "15m", "2h30m", "7d", "1d12h": more than nothing. INVALID_ARGUMENT
// (DURATION_MALFORMED) names `what`.
absl::StatusOr<absl::Duration> ParseDuration(absl::string_view what,
                                             absl::string_view text);

// RFC 3339 ("2026-07-01T12:00:00Z"), a date ("2026-07-01", midnight UTC), or a
// duration ago ("24h"). INVALID_ARGUMENT (TIME_MALFORMED).
absl::StatusOr<absl::Time> ParseTime(absl::string_view what,
                                     absl::string_view text, absl::Time now);

// When something shall begin: RFC 3339, a date (midnight UTC), or "+24h" from
// `now`. INVALID_ARGUMENT (TIME_MALFORMED), also for a time that is past.
absl::StatusOr<absl::Time> ParseStartTime(absl::string_view what,
                                          absl::string_view text,
                                          absl::Time now);

absl::Time FromProto(const google::protobuf::Timestamp& time);
google::protobuf::Timestamp ToProto(absl::Time time);

// "2026-07-01 12:00:00Z".
std::string TimeText(absl::Time time);
// "6d 23h", "2h 5m", "40s": the two largest units.
std::string DurationText(absl::Duration duration);
// "2026-07-01 12:00:00Z (in 6d 23h)", or "(2h 5m ago)".
std::string TimeTextFrom(absl::Time time, absl::Time now);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_TIME_TEXT_H_
