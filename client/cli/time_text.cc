#include "client/cli/time_text.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/error.h"
#include "client/api/client_error.h"

namespace countersign::client {
namespace {

absl::Status Malformed(const char* reason, absl::string_view what,
                       absl::string_view text, absl::string_view right) {
  return base::MakeError(
      absl::StatusCode::kInvalidArgument,
      absl::StrCat(what, " \"", base::EscapeForDisplay(text), "\": ", right),
      Because(reason));
}

bool ReadDuration(absl::string_view text, absl::Duration& out) {
  out = absl::ZeroDuration();
  const size_t d = text.find('d');
  if (d != absl::string_view::npos) {
    uint32_t days = 0;
    if (!absl::SimpleAtoi(text.substr(0, d), &days) || days > 36500) {
      return false;
    }
    out = absl::Hours(24) * days;
    text.remove_prefix(d + 1);
    if (text.empty()) return true;
  }
  absl::Duration rest;
  // Without a unit ParseDuration takes only "0".
  if (!absl::ParseDuration(text, &rest) || rest < absl::ZeroDuration() ||
      rest == absl::InfiniteDuration()) {
    return false;
  }
  out += rest;
  return true;
}

bool ReadTime(absl::string_view text, absl::Time& out) {
  std::string error;
  return absl::ParseTime(absl::RFC3339_full, text, &out, &error) ||
         absl::ParseTime("%Y-%m-%d", text, absl::UTCTimeZone(), &out, &error);
}

}  // namespace

absl::StatusOr<absl::Duration> ParseDuration(absl::string_view what,
                                             absl::string_view text) {
  absl::Duration duration;
  if (!ReadDuration(text, duration) || duration <= absl::ZeroDuration()) {
    return Malformed("DURATION_MALFORMED", what, text,
                     "a duration is needed, as in 90s, 15m, 2h30m or 7d");
  }
  return duration;
}

absl::StatusOr<absl::Time> ParseTime(absl::string_view what,
                                     absl::string_view text, absl::Time now) {
  absl::Time time;
  if (ReadTime(text, time)) return time;
  absl::Duration ago;
  if (ReadDuration(text, ago)) return now - ago;
  return Malformed("TIME_MALFORMED", what, text,
                   "a time is needed: 2026-07-01T12:00:00Z, 2026-07-01, or 24h "
                   "for a day ago");
}

absl::StatusOr<absl::Time> ParseStartTime(absl::string_view what,
                                          absl::string_view text,
                                          absl::Time now) {
  absl::Time time;
  absl::Duration ahead;
  if (!text.empty() && text[0] == '+') {
    if (!ReadDuration(text.substr(1), ahead)) ahead = absl::ZeroDuration();
    time = now + ahead;
  } else if (!ReadTime(text, time)) {
    return Malformed("TIME_MALFORMED", what, text,
                     "a time is needed: 2026-07-01T12:00:00Z, 2026-07-01, or "
                     "+24h for a day from now");
  }
  if (time > now) return time;
  return Malformed("TIME_MALFORMED", what, text,
                   "a time in the future is needed; leave it out for now");
}

absl::Time FromProto(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) +
         absl::Nanoseconds(time.nanos());
}

google::protobuf::Timestamp ToProto(absl::Time time) {
  google::protobuf::Timestamp out;
  const int64_t seconds = absl::ToUnixSeconds(time);
  out.set_seconds(seconds);
  out.set_nanos(static_cast<int32_t>(
      absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
  return out;
}

std::string TimeText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%SZ", time, absl::UTCTimeZone());
}

std::string DurationText(absl::Duration duration) {
  int64_t seconds = absl::ToInt64Seconds(duration);
  struct Unit {
    const char* name;
    int64_t seconds;
  };
  constexpr Unit kUnits[] = {{"d", 86400}, {"h", 3600}, {"m", 60}, {"s", 1}};
  std::string text;
  int shown = 0;
  for (const Unit& unit : kUnits) {
    const int64_t count = seconds / unit.seconds;
    seconds -= count * unit.seconds;
    if (count == 0 && shown == 0) continue;
    if (shown == 2) break;
    ++shown;
    if (count == 0) continue;
    absl::StrAppend(&text, text.empty() ? "" : " ", count, unit.name);
  }
  return text.empty() ? "0s" : text;
}

std::string TimeTextFrom(absl::Time time, absl::Time now) {
  return time > now ? absl::StrCat(TimeText(time), " (in ",
                                   DurationText(time - now), ")")
                    : absl::StrCat(TimeText(time), " (",
                                   DurationText(now - time), " ago)");
}

}  // namespace countersign::client
