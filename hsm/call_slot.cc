#include "hsm/call_slot.h"

#include <algorithm>
#include <utility>

namespace countersign::hsm {

void CallSlot::Begin(SignTask task, absl::Duration now) {
  deadline_.store(task.batch != nullptr
                      ? absl::ToUnixNanos(task.batch->job().deadline)
                      : INT64_MAX,
                  std::memory_order_relaxed);
  begun_.store(false, std::memory_order_relaxed);
  task_ = std::move(task);
  began_ = std::max<int64_t>(absl::ToInt64Nanoseconds(now), 1);
  since_.store(began_, std::memory_order_release);
}

CallSlot::Outcome CallSlot::End(SignTask& task) {
  int64_t seen = began_;
  if (since_.compare_exchange_strong(seen, kIdle, std::memory_order_acq_rel)) {
    task = std::move(task_);
    return Outcome::kMine;
  }
  base::MutexLock lock(mutex_);
  task = SignTask();
  seen = since_.load();
  if (seen == kLeft) return Outcome::kLeftBehind;
  since_.store(kIdle);
  return Outcome::kTaken;
}

absl::Duration CallSlot::InsideFor(absl::Duration now) const {
  const int64_t since = since_.load(std::memory_order_acquire);
  if (since == kIdle || since == kLeft) return absl::ZeroDuration();
  return now - absl::Nanoseconds(since < 0 ? -since : since);
}

CallSlot::Taken CallSlot::TakeLocked(int64_t since) {
  Taken taken;
  taken.inside = absl::Nanoseconds(since);
  if (task_.batch != nullptr) taken.task = std::move(task_);
  task_ = SignTask();
  taken.key_used = begun_.load(std::memory_order_relaxed);
  return taken;
}

std::optional<CallSlot::Taken> CallSlot::TakeLate(absl::Time now) {
  base::MutexLock lock(mutex_);
  int64_t since = since_.load(std::memory_order_acquire);
  if (since <= 0) return std::nullopt;
  const int64_t deadline = deadline_.load(std::memory_order_relaxed);
  if (deadline == INT64_MAX || absl::ToUnixNanos(now) < deadline) {
    return std::nullopt;
  }
  if (!since_.compare_exchange_strong(since, -since)) return std::nullopt;
  return TakeLocked(since);
}

std::optional<CallSlot::Taken> CallSlot::LeaveBehind(absl::Duration now,
                                                     absl::Duration timeout) {
  base::MutexLock lock(mutex_);
  int64_t since = since_.load(std::memory_order_acquire);
  if (since == kIdle || since == kLeft) return std::nullopt;
  const absl::Duration inside =
      now - absl::Nanoseconds(since < 0 ? -since : since);
  if (inside < timeout) return std::nullopt;
  if (!since_.compare_exchange_strong(since, kLeft)) return std::nullopt;
  Taken taken = TakeLocked(since);
  taken.inside = inside;
  return taken;
}

}  // namespace countersign::hsm
