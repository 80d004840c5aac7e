#include "hsm/sign_queue.h"

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "core/errors.h"
#include "hsm/errors.h"

namespace countersign::hsm {
namespace {

constexpr size_t kPriority = 0;
constexpr size_t kNormal = 1;
// Of so many priority tasks the next one is another, if any waits: a flood of
// approvals does not stop the machines for ever.
constexpr int kMaxInARow = 8;
constexpr absl::Duration kMinRetryDelay = absl::Milliseconds(100);

size_t LaneOf(const SignBatch& batch) {
  return batch.job().priority ? kPriority : kNormal;
}

// 0.5 to 1.5, differently for each `n` (splitmix64). Spreads callers; no
// secret hangs on it.
double Spread(uint64_t n) {
  uint64_t z = n * 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  z ^= z >> 31;
  return 0.5 + static_cast<double>(z >> 11) / static_cast<double>(1ull << 53);
}

}  // namespace

absl::Status SignQueue::Push(std::vector<SignTask> tasks) {
  if (tasks.empty()) return absl::OkStatus();
  const size_t digests = tasks.size();
  const SignBatch& batch = *tasks.front().batch;
  const absl::Duration max_wait = batch.job().priority
                                      ? absl::InfiniteDuration()
                                      : options_.max_wait * 1.25;
  {
    base::MutexLock lock(mutex_);
    const absl::Status room = CheckLocked(batch.job().key.type, digests,
                                          options_.max_digests, max_wait);
    if (!room.ok()) return room;
    lanes_[LaneOf(batch)].Add(std::move(tasks));
  }
  if (digests == 1) {
    changed_.Signal();
  } else {
    changed_.SignalAll();
  }
  return absl::OkStatus();
}

absl::Status SignQueue::PushBack(SignTask task) {
  {
    base::MutexLock lock(mutex_);
    if (closed_) return error::SignerStopping();
    lanes_[LaneOf(*task.batch)].PutFirst(std::move(task));
  }
  changed_.Signal();
  return absl::OkStatus();
}

absl::Status SignQueue::CheckRoom(core::KeyType type, size_t digests) const {
  base::MutexLock lock(mutex_);
  const size_t kept_back = SizeLocked() == 0 ? 0 : options_.max_digests / 8;
  return CheckLocked(type, digests, options_.max_digests - kept_back,
                     options_.max_wait);
}

absl::Status SignQueue::CheckLocked(core::KeyType type, size_t digests,
                                    size_t max_digests,
                                    absl::Duration max_wait) const {
  if (closed_) return error::SignerStopping();
  const size_t size = SizeLocked();
  if (size + digests > max_digests) {
    return RefuseLocked(cost_.Of(type) *
                        static_cast<int64_t>(size + digests - max_digests) /
                        std::max(sessions_, 1));
  }
  const absl::Duration wait = WaitLocked();
  if (wait > max_wait) return RefuseLocked(wait - max_wait);
  return absl::OkStatus();
}

absl::Status SignQueue::RefuseLocked(absl::Duration too_long) const {
  return core::error::Overloaded(std::max(too_long, 2 * kMinRetryDelay) *
                                 Spread(++refusals_));
}

absl::Duration SignQueue::ExpectedWait() const {
  base::MutexLock lock(mutex_);
  return sessions_ == 0 ? absl::InfiniteDuration() : WaitLocked();
}

absl::Duration SignQueue::StepFor(core::KeyType type) const {
  base::MutexLock lock(mutex_);
  return cost_.Of(type) / std::max(sessions_, 1);
}

absl::Duration SignQueue::WaitLocked() const {
  return (cost_.Sum(lanes_[kPriority].counts()) +
          cost_.Sum(lanes_[kNormal].counts())) /
         std::max(sessions_, 1);
}

std::optional<SignTask> SignQueue::Pop(absl::Duration timeout) {
  base::MutexLock lock(mutex_);
  if (SizeLocked() == 0 && timeout > absl::ZeroDuration()) {
    const absl::Duration until = base::SteadyNow() + timeout;
    while (SizeLocked() == 0 && !closed_) {
      const absl::Duration rest = until - base::SteadyNow();
      if (rest <= absl::ZeroDuration()) return std::nullopt;
      changed_.WaitFor(mutex_, rest);
    }
  }
  if (SizeLocked() == 0) return std::nullopt;
  return TakeLocked();
}

SignTask SignQueue::TakeLocked() {
  const bool others_wait = !lanes_[kNormal].empty();
  const bool priority =
      !lanes_[kPriority].empty() && !(others_wait && in_a_row_ >= kMaxInARow);
  in_a_row_ = priority ? in_a_row_ + 1 : 0;
  return lanes_[priority ? kPriority : kNormal].Take(cost_);
}

void SignQueue::RecordCost(core::KeyType type, absl::Duration taken) {
  base::MutexLock lock(mutex_);
  cost_.Record(type, taken);
}

void SignQueue::SetSessions(int sessions) {
  base::MutexLock lock(mutex_);
  sessions_ = sessions;
}

std::vector<SignTask> SignQueue::Remove(
    const std::function<bool(const SignBatch&)>& wanted) {
  base::MutexLock lock(mutex_);
  std::vector<SignTask> removed = lanes_[kPriority].Remove(wanted);
  for (SignTask& task : lanes_[kNormal].Remove(wanted)) {
    removed.push_back(std::move(task));
  }
  return removed;
}

std::vector<SignTask> SignQueue::TakeExpired(absl::Time now) {
  return Remove(
      [now](const SignBatch& batch) { return batch.job().deadline <= now; });
}

std::vector<SignTask> SignQueue::TakeAll() {
  return Remove([](const SignBatch&) { return true; });
}

void SignQueue::Close() {
  {
    base::MutexLock lock(mutex_);
    closed_ = true;
  }
  changed_.SignalAll();
}

bool SignQueue::closed() const {
  base::MutexLock lock(mutex_);
  return closed_;
}

size_t SignQueue::SizeLocked() const {
  return lanes_[kPriority].size() + lanes_[kNormal].size();
}

size_t SignQueue::size() const {
  base::MutexLock lock(mutex_);
  return SizeLocked();
}

}  // namespace countersign::hsm
