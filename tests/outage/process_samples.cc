#include "tests/outage/process_samples.h"

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "tests/bench/process_usage.h"

namespace countersign::outage {
namespace {

int64_t CountDescriptors(pid_t pid) {
  std::error_code error;
  std::filesystem::directory_iterator files(absl::StrCat("/proc/", pid, "/fd"),
                                            error);
  if (error) return 0;
  return std::distance(files, std::filesystem::directory_iterator());
}

int64_t MedianOf(const std::vector<int64_t>& samples, size_t from, size_t to) {
  std::vector<int64_t> part(samples.begin() + static_cast<ptrdiff_t>(from),
                            samples.begin() + static_cast<ptrdiff_t>(to));
  std::sort(part.begin(), part.end());
  return part[part.size() / 2];
}

}  // namespace

Trend TrendOf(const std::vector<int64_t>& samples) {
  if (samples.empty()) return {};
  const size_t count = samples.size();
  const size_t tenth = std::max<size_t>(1, count / 10);
  if (count < 3) return {samples.front(), samples.back()};
  return {MedianOf(samples, tenth, 2 * tenth),
          MedianOf(samples, count - tenth, count)};
}

bool IsFlat(const Trend& trend, int64_t percent, int64_t slack) {
  return trend.end <= trend.start + trend.start * percent / 100 + slack;
}

ProcessSamples::ProcessSamples(pid_t pid, absl::Duration interval)
    : pid_(pid), interval_(interval), thread_([this] { Run(); }) {}

ProcessSamples::~ProcessSamples() { Stop(); }

void ProcessSamples::Stop() {
  {
    base::MutexLock lock(mutex_);
    stopping_ = true;
    changed_.SignalAll();
  }
  if (thread_.joinable()) thread_.join();
}

void ProcessSamples::Run() {
  while (true) {
    const bench::ProcessUsage usage = bench::ReadProcessUsage(pid_);
    const int64_t descriptors = CountDescriptors(pid_);
    base::MutexLock lock(mutex_);
    rss_kib_.push_back(usage.rss_kib);
    threads_.push_back(usage.threads);
    descriptors_.push_back(descriptors);
    if (stopping_) return;
    changed_.WaitFor(mutex_, interval_);
    if (stopping_) return;
  }
}

Trend ProcessSamples::rss_kib() const {
  base::MutexLock lock(mutex_);
  return TrendOf(rss_kib_);
}

Trend ProcessSamples::descriptors() const {
  base::MutexLock lock(mutex_);
  return TrendOf(descriptors_);
}

Trend ProcessSamples::threads() const {
  base::MutexLock lock(mutex_);
  return TrendOf(threads_);
}

}  // namespace countersign::outage
