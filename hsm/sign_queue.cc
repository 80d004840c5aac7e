#include "hsm/sign_queue.h"

#include <utility>

#include "base/clock.h"
#include "core/errors.h"
#include "hsm/errors.h"

namespace countersign::hsm {

absl::Status SignQueue::Push(std::shared_ptr<SignBatch> batch) {
  const size_t digests = batch->size();
  {
    base::MutexLock lock(mutex_);
    if (closed_) return error::SignerStopping();
    if (digests > max_digests_ - waiting_) {
      return core::error::Overloaded(error::kRetryDelay);
    }
    waiting_ += digests;
    lanes_[batch->job().priority ? 0 : 1].push_back({std::move(batch), 0});
  }
  if (digests == 1) {
    changed_.Signal();
  } else {
    changed_.SignalAll();
  }
  return absl::OkStatus();
}

std::optional<SignTask> SignQueue::Pop(absl::Duration timeout) {
  const absl::Duration until = base::SteadyNow() + timeout;
  base::MutexLock lock(mutex_);
  while (waiting_ == 0) {
    if (closed_) return std::nullopt;
    const absl::Duration rest = until - base::SteadyNow();
    if (rest <= absl::ZeroDuration()) return std::nullopt;
    changed_.WaitFor(mutex_, rest);
  }
  return TakeLocked();
}

SignTask SignQueue::TakeLocked() {
  std::deque<Waiting>& lane = lanes_[lanes_[0].empty() ? 1 : 0];
  Waiting& first = lane.front();
  --waiting_;
  if (first.next + 1 < first.batch->size()) {
    return {first.batch, first.next++};
  }
  SignTask last{std::move(first.batch), first.next};
  lane.pop_front();
  return last;
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

size_t SignQueue::size() const {
  base::MutexLock lock(mutex_);
  return waiting_;
}

}  // namespace countersign::hsm
