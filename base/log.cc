#include "base/log.h"

#include <errno.h>
#include <unistd.h>

#include <atomic>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "base/time_text.h"

namespace countersign::base {
namespace {

// The one state of the process that is global: stderr is, too. Never destroyed,
// because threads may log while the process ends.
struct State {
  std::atomic<Severity> threshold{Severity::kInfo};
  Mutex mutex;
  std::function<void(const std::string&)> sink ABSL_GUARDED_BY(mutex);
};

State& GlobalState() {
  static State& state = *new State;
  return state;
}

const char* Name(Severity severity) {
  switch (severity) {
    case Severity::kDebug:
      return "DEBUG";
    case Severity::kInfo:
      return "INFO";
    case Severity::kWarning:
      return "WARNING";
    case Severity::kError:
      return "ERROR";
  }
  return "UNKNOWN";
}

void Append(absl::string_view key, const Json& value, std::string& line) {
  absl::StrAppend(&line, ",", CompactJson(Json(key)), ":", CompactJson(value));
}

// One write(2) for each line, so that lines of several threads do not mix; the
// loop goes on only where the kernel took a part. A log that cannot be written
// has nowhere to complain.
void WriteToStderr(absl::string_view line) {
  while (!line.empty()) {
    const ssize_t n = write(STDERR_FILENO, line.data(), line.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    line.remove_prefix(static_cast<size_t>(n));
  }
}

}  // namespace

void Log(Severity severity, absl::string_view event,
         std::initializer_list<Json::Member> fields) {
  State& state = GlobalState();
  if (severity < state.threshold.load(std::memory_order_relaxed)) return;
  std::string text = "{\"time\":\"";
  text.reserve(512);
  AppendTime(SystemClock().Now(), text);
  absl::StrAppend(&text, "\",\"severity\":\"", Name(severity), "\"");
  Append("event", Json(event), text);
  for (const auto& [key, value] : fields) Append(key, value, text);
  text.append("}\n");
  {
    // Held across the sink, which only tests set: when SetLogSink returns, no
    // thread is in the old one.
    MutexLock lock(state.mutex);
    if (state.sink != nullptr) {
      text.pop_back();
      state.sink(text);
      return;
    }
  }
  WriteToStderr(text);
}

void SetLogThreshold(Severity severity) {
  GlobalState().threshold.store(severity, std::memory_order_relaxed);
}

void SetLogSink(std::function<void(const std::string&)> sink) {
  State& state = GlobalState();
  MutexLock lock(state.mutex);
  state.sink = std::move(sink);
}

}  // namespace countersign::base
