// Digests that wait for a session of one token, and places for those that were
// let in and are still being recorded: bounded in number and in time, fair
// between products. What an approver has just released goes ahead of what
// machines ask for; within each of the two lanes the shares (products) take
// turns, weighted by what a digest costs. Knows no module.
#ifndef COUNTERSIGN_HSM_SIGN_QUEUE_H_
#define COUNTERSIGN_HSM_SIGN_QUEUE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "core/algorithms.h"
#include "hsm/fair_lane.h"
#include "hsm/sign_batch.h"
#include "hsm/sign_cost.h"
#include "hsm/sign_task.h"

namespace countersign::hsm {

// Thread-safe.
class SignQueue {
 public:
  struct Options {
    size_t max_digests = 20000;  // waiting and reserved
    absl::Duration max_wait = absl::Seconds(2);
    int sessions = 2;  // that work it off
  };
  explicit SignQueue(Options options) : options_(options) {}

  // Whether its digests were counted by Reserve, here or in another queue.
  enum class Entry { kReserved, kUnreserved };
  // Takes all of them (of one job) or none; UNAVAILABLE once closed. Does not
  // block. Never refuses for time: what comes here is on record. With
  // kUnreserved RESOURCE_EXHAUSTED with a retry delay where there would be more
  // than max_digests; with kReserved never, so that reservations bound it.
  absl::Status Push(std::vector<SignTask> tasks, Entry entry)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // A task that another token could not do: first in its lane, never refused
  // for room. UNAVAILABLE once closed.
  absl::Status PushBack(SignTask task) ABSL_LOCKS_EXCLUDED(mutex_);

  // Counts so many digests more of that kind as waiting until Unreserve; the
  // errors of Push. Refused where what waits and is reserved takes longer than
  // max_wait (not while there is no session: that is another error), so an
  // empty queue takes any job. An eighth of the number is kept back for what
  // comes unreserved, but not in an empty queue. The retry delay is the time by
  // which the queue is too long, times 0.5 to 1.5 at random so that the refused
  // do not come back together, and at least 100 ms.
  absl::Status Reserve(core::KeyType type, size_t digests)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Once for each Reserve that was OK, after its digests were pushed or when
  // they will not be.
  void Unreserve(core::KeyType type, size_t digests)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Time that what waits will take, at the measured rate; infinite while there
  // is no session.
  absl::Duration ExpectedWait() const ABSL_LOCKS_EXCLUDED(mutex_);
  // The same with what is reserved.
  absl::Duration BookedWait() const ABSL_LOCKS_EXCLUDED(mutex_);
  // By how much one more of that kind lengthens it.
  absl::Duration StepFor(core::KeyType type) const ABSL_LOCKS_EXCLUDED(mutex_);

  // Waits for a digest. nullopt after `timeout`, and at once where the queue is
  // closed and empty.
  std::optional<SignTask> Pop(absl::Duration timeout)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // What a digest of that kind took (two calls and the check): moves the rate.
  void RecordCost(core::KeyType type, absl::Duration taken)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Sessions that work it off now; 0 while there are none.
  void SetSessions(int sessions) ABSL_LOCKS_EXCLUDED(mutex_);

  // Takes out what has waited past its job's deadline.
  std::vector<SignTask> TakeExpired(absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_);
  // Takes out everything (the token is lost: others may do it).
  std::vector<SignTask> TakeAll() ABSL_LOCKS_EXCLUDED(mutex_);

  // Nothing more is taken; what waits can still be popped.
  void Close() ABSL_LOCKS_EXCLUDED(mutex_);
  bool closed() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Digests that wait.
  size_t size() const ABSL_LOCKS_EXCLUDED(mutex_);
  // Digests that are reserved.
  size_t reserved() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  size_t SizeLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // These two as if one session worked where none does.
  absl::Duration WaitLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Duration BookedWaitLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // By number.
  absl::Status CheckFitsLocked(core::KeyType type, size_t digests,
                               size_t max_digests)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status RefuseLocked(absl::Duration too_long, absl::Duration work)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  SignTask TakeLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::vector<SignTask> Remove(
      const std::function<bool(const SignBatch&)>& wanted)
      ABSL_LOCKS_EXCLUDED(mutex_);

  const Options options_;
  mutable base::Mutex mutex_;
  base::CondVar changed_;
  // Priority first.
  std::array<FairLane, 2> lanes_ ABSL_GUARDED_BY(mutex_);
  CountByType reserved_ ABSL_GUARDED_BY(mutex_) = {};
  size_t reserved_digests_ ABSL_GUARDED_BY(mutex_) = 0;
  SignCost cost_ ABSL_GUARDED_BY(mutex_);
  int sessions_ ABSL_GUARDED_BY(mutex_) = options_.sessions;
  // Priority tasks since the last other one.
  int in_a_row_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t refusals_ ABSL_GUARDED_BY(mutex_) = 0;
  // When the one that was refused last should come back; of base::SteadyNow().
  absl::Duration come_back_at_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_SIGN_QUEUE_H_
