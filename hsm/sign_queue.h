// Digests that wait for a session of one token: bounded in number and in time,
// fair between products. What an approver has just released goes ahead of what
// machines ask for; within each of the two lanes the shares (products) take
// turns, weighted by what a digest costs. Knows no module.
#ifndef COUNTERSIGN_HSM_SIGN_QUEUE_H_
#define COUNTERSIGN_HSM_SIGN_QUEUE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "core/algorithms.h"
#include "hsm/sign_batch.h"

namespace countersign::hsm {

// One digest of one job.
struct SignTask {
  std::shared_ptr<SignBatch> batch;
  size_t index = 0;
  // Bit i: token i of the job's key has tried and could not. Kept by who
  // routes.
  uint32_t tried = 0;
  // Uses of the key so far, those of unknown outcome too.
  int key_uses = 0;
};

// Thread-safe.
class SignQueue {
 public:
  struct Options {
    size_t max_digests = 20000;
    absl::Duration max_wait = absl::Seconds(2);
    int sessions = 2;  // that work it off
  };
  explicit SignQueue(Options options);

  // Takes all of them (of one job) or none: RESOURCE_EXHAUSTED with a retry
  // delay where there is no room, UNAVAILABLE once closed. Does not block. A
  // priority job is refused for its number only, not for its waiting time.
  absl::Status Push(std::vector<SignTask> tasks) ABSL_LOCKS_EXCLUDED(mutex_);
  // A task that another token could not do: first in its lane, never refused
  // for room. UNAVAILABLE once closed.
  absl::Status PushBack(SignTask task) ABSL_LOCKS_EXCLUDED(mutex_);

  // Whether so many digests more of that kind would be taken now; the errors of
  // Push. The retry delay is the time by which the queue is too long, at least
  // 100 ms.
  absl::Status CheckRoom(core::KeyType type, size_t digests) const
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Time that what waits will take, at the measured rate.
  absl::Duration ExpectedWait() const ABSL_LOCKS_EXCLUDED(mutex_);

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
  std::vector<SignTask> TakeExpired(absl::Time now)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Takes out everything (the token is lost: others may do it).
  std::vector<SignTask> TakeAll() ABSL_LOCKS_EXCLUDED(mutex_);

  // Nothing more is taken; what waits can still be popped.
  void Close() ABSL_LOCKS_EXCLUDED(mutex_);
  bool closed() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Digests that wait.
  size_t size() const ABSL_LOCKS_EXCLUDED(mutex_);
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_SIGN_QUEUE_H_
