// Group commit: change sets of different flows wait here for the writer, which
// puts them into one durable transaction. It lingers a little only while the
// signer has enough to do, so that a single client never waits (measured:
// docs/adr/0004). It knows no flow and no rule.
#ifndef COUNTERSIGN_SERVER_PIPELINE_COMMIT_QUEUE_H_
#define COUNTERSIGN_SERVER_PIPELINE_COMMIT_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "core/store.h"
#include "server/pipeline/observer.h"

namespace countersign::server {

// Thread-safe. `store` and `observer` must outlive it.
class CommitQueue {
 public:
  using Outcome = absl::StatusOr<core::CommitOutcome>;
  using Done = std::function<void(Outcome)>;
  // Durable and not yet told to anybody: the place to renew snapshots.
  using OnDurable = std::function<void(core::ChangeSet changes)>;

  struct Options {
    absl::Duration linger = absl::Milliseconds(3);
    // Linger only while so many digests are with the signer.
    int64_t linger_digests = 4;
    // Linger no longer when so many change sets wait.
    size_t linger_change_sets = 64;
    // In one transaction.
    size_t max_change_sets = 256;
  };

  CommitQueue(core::Store& store, Options options, OnDurable on_durable,
              PipelineObserver* observer)
      : store_(store),
        options_(options),
        on_durable_(std::move(on_durable)),
        observer_(observer) {}

  // `done` is called from the writer, in the order of Push. After Stop it is
  // called at once, with RECORD_UNAVAILABLE.
  void Push(core::ChangeSet changes, Done done) ABSL_LOCKS_EXCLUDED(mutex_);

  // Digests went to the signer (positive) or came back (negative).
  void AddSignerLoad(int64_t digests) ABSL_LOCKS_EXCLUDED(mutex_);
  int64_t signer_load() const ABSL_LOCKS_EXCLUDED(mutex_);

  // The writer. Blocks until Stop was called and nothing is left.
  void RunLoop() ABSL_LOCKS_EXCLUDED(mutex_);
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Batch {
    std::vector<core::ChangeSet> changes;
    std::vector<Done> done;
  };

  // Waits for work, then lingers; an empty batch ends the loop.
  Batch Take() ABSL_LOCKS_EXCLUDED(mutex_);
  void LingerLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Commit(Batch batch) ABSL_LOCKS_EXCLUDED(mutex_);

  core::Store& store_;
  const Options options_;
  const OnDurable on_durable_;
  PipelineObserver* const observer_;

  mutable base::Mutex mutex_;
  base::CondVar changed_;
  Batch waiting_ ABSL_GUARDED_BY(mutex_);
  int64_t signer_load_ ABSL_GUARDED_BY(mutex_) = 0;
  bool lingering_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_PIPELINE_COMMIT_QUEUE_H_
