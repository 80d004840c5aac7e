#include "server/pipeline/commit_queue.h"

#include <iterator>
#include <utility>
#include <variant>

#include "base/clock.h"
#include "base/log.h"
#include "core/errors.h"

namespace countersign::server {

void CommitQueue::Push(core::ChangeSet changes, Done done) {
  bool wake = false;
  {
    base::MutexLock lock(mutex_);
    if (!stopped_) {
      waiting_.changes.push_back(std::move(changes));
      waiting_.done.push_back(std::move(done));
      // While the writer lingers only the set that fills the batch wakes it:
      // each spared wake-up is a signature's worth of cache.
      wake = lingering_ ? waiting_.changes.size() >= options_.linger_change_sets
                        : waiting_.changes.size() == 1;
      done = nullptr;
    }
  }
  if (wake) changed_.Signal();
  if (done) done(core::error::RecordUnavailable());
}

void CommitQueue::AddSignerLoad(int64_t digests) {
  bool wake = false;
  {
    base::MutexLock lock(mutex_);
    signer_load_ += digests;
    wake = lingering_ && signer_load_ < options_.linger_digests;
  }
  if (wake) changed_.Signal();
}

int64_t CommitQueue::signer_load() const {
  base::MutexLock lock(mutex_);
  return signer_load_;
}

void CommitQueue::RunLoop() {
  for (;;) {
    Batch batch = Take();
    if (batch.changes.empty()) return;
    Commit(std::move(batch));
  }
}

void CommitQueue::Stop() {
  {
    base::MutexLock lock(mutex_);
    stopped_ = true;
  }
  changed_.SignalAll();
}

void CommitQueue::LingerLocked() {
  const absl::Duration until = base::SteadyNow() + options_.linger;
  lingering_ = true;
  while (!stopped_ && signer_load_ >= options_.linger_digests &&
         waiting_.changes.size() < options_.linger_change_sets) {
    const absl::Duration left = until - base::SteadyNow();
    if (left <= absl::ZeroDuration()) break;
    changed_.WaitFor(mutex_, left);
  }
  lingering_ = false;
}

CommitQueue::Batch CommitQueue::Take() {
  base::MutexLock lock(mutex_);
  while (waiting_.changes.empty() && !stopped_) changed_.Wait(mutex_);
  LingerLocked();
  Batch batch;
  if (waiting_.changes.size() <= options_.max_change_sets) {
    std::swap(batch, waiting_);
    return batch;
  }
  const auto split = static_cast<ptrdiff_t>(options_.max_change_sets);
  auto changes = waiting_.changes.begin();
  auto done = waiting_.done.begin();
  batch.changes.assign(std::make_move_iterator(changes),
                       std::make_move_iterator(changes + split));
  batch.done.assign(std::make_move_iterator(done),
                    std::make_move_iterator(done + split));
  waiting_.changes.erase(changes, changes + split);
  waiting_.done.erase(done, done + split);
  return batch;
}

void CommitQueue::Commit(Batch batch) {
  const absl::Duration start = base::SteadyNow();
  absl::StatusOr<std::vector<core::CommitOutcome>> outcomes =
      store_.Commit(batch.changes);
  if (observer_ != nullptr) {
    observer_->OnCommit(batch.changes.size(), base::SteadyNow() - start,
                        outcomes.ok());
  }
  if (!outcomes.ok() || outcomes->size() != batch.changes.size()) {
    base::Log(base::Severity::kError, "commit_failed",
              {{"cause", outcomes.status().ToString()},
               {"change_sets", static_cast<int64_t>(batch.changes.size())}});
    for (Done& done : batch.done) done(core::error::RecordUnavailable());
    return;
  }
  for (size_t i = 0; i < batch.done.size(); ++i) {
    if (std::holds_alternative<core::Committed>((*outcomes)[i])) {
      on_durable_(std::move(batch.changes[i]));
    }
  }
  for (size_t i = 0; i < batch.done.size(); ++i) {
    batch.done[i](std::move((*outcomes)[i]));
  }
}

}  // namespace countersign::server
