// Points of time as RFC 3339 text. absl::FormatTime interprets its format each
// time, which costs more than a leaf has to spare.
#ifndef COUNTERSIGN_BASE_TIME_TEXT_H_
#define COUNTERSIGN_BASE_TIME_TEXT_H_

#include <string>

#include "absl/time/time.h"

namespace countersign::base {

// "2026-05-04T03:02:01.000000Z": UTC with six decimals, cut off, not rounded.
// Of what lies outside the years 1 to 9999 the nearest within.
void AppendTime(absl::Time time, std::string& out);
std::string TimeText(absl::Time time);

}  // namespace countersign::base

#endif  // COUNTERSIGN_BASE_TIME_TEXT_H_
