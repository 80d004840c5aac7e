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
constexpr absl::Duration kMinRetryDelay = absl::Milliseconds(200);
constexpr absl::Duration kMaxRetryDelay = absl::Seconds(10);
// A refusal costs CPU that signatures need. Those who were refused are told to
// come back at this part of the rate at which we sign, however many they are.
constexpr double kShareOfRetries = 0.15;

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

absl::Status SignQueue::Push(std::vector<SignTask> tasks, Entry entry) {
  if (tasks.empty()) return absl::OkStatus();
  const size_t digests = tasks.size();
  const SignBatch& batch = *tasks.front().batch;
  {
    base::MutexLock lock(mutex_);
    if (closed_) return error::SignerStopping();
    if (entry == Entry::kUnreserved) {
      const absl::Status fits =
          CheckFitsLocked(batch.job().key.type, digests, options_.max_digests);
      if (!fits.ok()) return fits;
    }
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

absl::Status SignQueue::Reserve(core::KeyType type, size_t digests) {
  base::MutexLock lock(mutex_);
  if (closed_) return error::SignerStopping();
  const bool empty = SizeLocked() + reserved_digests_ == 0;
  const size_t kept_back = empty ? 0 : options_.max_digests / 8;
  const absl::Status fits =
      CheckFitsLocked(type, digests, options_.max_digests - kept_back);
  if (!fits.ok()) return fits;
  const absl::Duration wait = BookedWaitLocked();
  if (sessions_ > 0 && wait > options_.max_wait) {
    return RefuseLocked(wait - options_.max_wait,
                        cost_.Of(type) * static_cast<int64_t>(digests));
  }
  reserved_[TypeIndex(type)] += digests;
  reserved_digests_ += digests;
  return absl::OkStatus();
}

void SignQueue::Unreserve(core::KeyType type, size_t digests) {
  base::MutexLock lock(mutex_);
  reserved_[TypeIndex(type)] -= digests;
  reserved_digests_ -= digests;
}

absl::Status SignQueue::CheckFitsLocked(core::KeyType type, size_t digests,
                                        size_t max_digests) {
  const size_t sum = SizeLocked() + reserved_digests_ + digests;
  if (sum <= max_digests) return absl::OkStatus();
  const absl::Duration each = cost_.Of(type);
  return RefuseLocked(
      each * static_cast<int64_t>(sum - max_digests) / std::max(sessions_, 1),
      each * static_cast<int64_t>(digests));
}

absl::Status SignQueue::RefuseLocked(absl::Duration too_long,
                                     absl::Duration work) {
  const absl::Duration now = base::SteadyNow();
  const absl::Duration step = work / std::max(sessions_, 1) / kShareOfRetries;
  come_back_at_ =
      std::min(std::max(come_back_at_, now) + step, now + kMaxRetryDelay);
  return core::error::Overloaded(
      std::max({too_long, come_back_at_ - now, kMinRetryDelay}) *
      Spread(++refusals_));
}

absl::Duration SignQueue::ExpectedWait() const {
  base::MutexLock lock(mutex_);
  return sessions_ == 0 ? absl::InfiniteDuration() : WaitLocked();
}

absl::Duration SignQueue::BookedWait() const {
  base::MutexLock lock(mutex_);
  return sessions_ == 0 ? absl::InfiniteDuration() : BookedWaitLocked();
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

absl::Duration SignQueue::BookedWaitLocked() const {
  return WaitLocked() + cost_.Sum(reserved_) / std::max(sessions_, 1);
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

size_t SignQueue::reserved() const {
  base::MutexLock lock(mutex_);
  return reserved_digests_;
}

}  // namespace countersign::hsm
