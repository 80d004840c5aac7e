#include "base/time_text.h"

#include <algorithm>

#include "absl/time/civil_time.h"

namespace countersign::base {
namespace {

char* PutDigits(int64_t value, int digits, char* to) {
  for (int i = digits - 1; i >= 0; --i, value /= 10) {
    to[i] = static_cast<char>('0' + value % 10);
  }
  return to + digits;
}

}  // namespace

void AppendTime(absl::Time time, std::string& out) {
  static const absl::Time kFirst =
      absl::FromCivil(absl::CivilSecond(1, 1, 1), absl::UTCTimeZone());
  static const absl::Time kLast =
      absl::FromCivil(absl::CivilSecond(9999, 12, 31, 23, 59, 59),
                      absl::UTCTimeZone()) +
      absl::Microseconds(999999);
  const absl::Time t = std::clamp(time, kFirst, kLast);
  const absl::TimeZone::CivilInfo civil = absl::UTCTimeZone().At(t);
  const absl::CivilSecond& s = civil.cs;
  char text[] = "0000-00-00T00:00:00.000000Z";
  PutDigits(s.year(), 4, text);
  PutDigits(s.month(), 2, text + 5);
  PutDigits(s.day(), 2, text + 8);
  PutDigits(s.hour(), 2, text + 11);
  PutDigits(s.minute(), 2, text + 14);
  PutDigits(s.second(), 2, text + 17);
  PutDigits(absl::ToInt64Microseconds(civil.subsecond), 6, text + 20);
  out.append(text, sizeof text - 1);
}

std::string TimeText(absl::Time time) {
  std::string text;
  AppendTime(time, text);
  return text;
}

}  // namespace countersign::base
