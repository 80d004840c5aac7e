// Digests that wait for a session: bounded, first come first served in each of
// two lanes. What an approver has just released goes ahead of what machines
// ask for. Knows no module.
#ifndef COUNTERSIGN_HSM_SIGN_QUEUE_H_
#define COUNTERSIGN_HSM_SIGN_QUEUE_H_

#include <array>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "hsm/sign_batch.h"

namespace countersign::hsm {

// One digest of one job.
struct SignTask {
  std::shared_ptr<SignBatch> batch;
  size_t index = 0;
};

// Thread-safe.
class SignQueue {
 public:
  explicit SignQueue(size_t max_digests) : max_digests_(max_digests) {}

  // Takes all digests of the job or none: RESOURCE_EXHAUSTED where they do not
  // fit, UNAVAILABLE once closed. Does not block.
  absl::Status Push(std::shared_ptr<SignBatch> batch)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Waits for a digest. nullopt after `timeout`, and at once where the queue is
  // closed and empty.
  std::optional<SignTask> Pop(absl::Duration timeout)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Nothing more is taken; what waits can still be popped.
  void Close() ABSL_LOCKS_EXCLUDED(mutex_);
  bool closed() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Digests that wait.
  size_t size() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Waiting {
    std::shared_ptr<SignBatch> batch;
    size_t next = 0;  // first digest that nobody took
  };
  SignTask TakeLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t max_digests_;
  mutable base::Mutex mutex_;
  base::CondVar changed_;
  // Priority first.
  std::array<std::deque<Waiting>, 2> lanes_ ABSL_GUARDED_BY(mutex_);
  size_t waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_SIGN_QUEUE_H_
