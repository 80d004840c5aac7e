// Log lines: one JSON object for each event on stderr (rule: never a secret, a
// payload or a signature). Not the audit: that is leaves in the log.
#ifndef COUNTERSIGN_BASE_LOG_H_
#define COUNTERSIGN_BASE_LOG_H_

#include <functional>
#include <initializer_list>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "base/json.h"

namespace countersign::base {

// kError means that somebody must act.
enum class Severity { kDebug, kInfo, kWarning, kError };

// Writes {"time":..,"severity":..,"event":..,<fields>} and a newline in one
// write. `event` is a constant; values go into the fields. Thread-safe.
void Log(Severity severity, absl::string_view event,
         std::initializer_list<Json::Member> fields = {});

// Lines below this are not written. Default kInfo.
void SetLogThreshold(Severity severity);

// Tests: lines go to `sink` instead of stderr; an empty one restores it.
void SetLogSink(std::function<void(const std::string&)> sink);

}  // namespace countersign::base

#endif  // COUNTERSIGN_BASE_LOG_H_
