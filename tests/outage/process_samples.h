// Resident memory and open descriptors of a process over time, and whether they
// stay where they are.
#ifndef COUNTERSIGN_TESTS_OUTAGE_PROCESS_SAMPLES_H_
#define COUNTERSIGN_TESTS_OUTAGE_PROCESS_SAMPLES_H_

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "base/mutex.h"

namespace countersign::outage {

struct Trend {
  int64_t start = 0;  // median of the second tenth: the first warms up
  int64_t end = 0;    // median of the last tenth
};

// Pure.
Trend TrendOf(const std::vector<int64_t>& samples);
// Grown by no more than `percent` of the start and `slack`.
bool IsFlat(const Trend& trend, int64_t percent, int64_t slack);

// Thread-safe.
class ProcessSamples {
 public:
  // Samples `pid` each `interval` until Stop.
  ProcessSamples(pid_t pid, absl::Duration interval);
  ~ProcessSamples();
  ProcessSamples(const ProcessSamples&) = delete;
  ProcessSamples& operator=(const ProcessSamples&) = delete;

  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);
  Trend rss_kib() const ABSL_LOCKS_EXCLUDED(mutex_);
  Trend descriptors() const ABSL_LOCKS_EXCLUDED(mutex_);
  Trend threads() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Run();

  const pid_t pid_;
  const absl::Duration interval_;
  mutable base::Mutex mutex_;
  base::CondVar changed_;
  std::vector<int64_t> rss_kib_ ABSL_GUARDED_BY(mutex_);
  std::vector<int64_t> descriptors_ ABSL_GUARDED_BY(mutex_);
  std::vector<int64_t> threads_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace countersign::outage

#endif  // COUNTERSIGN_TESTS_OUTAGE_PROCESS_SAMPLES_H_
