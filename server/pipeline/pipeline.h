// The driver of flows (core/flow.h): it does what a flow says is next, on the
// stage that can do it, and feeds the outcome back. It knows no rule. Stages
// are loops that app.cc gives a thread each: the writer commits, the signer's
// own threads sign, the finisher delivers answers, the key maker makes keys.
// Steps run on the thread that brings the outcome; answers never leave from the
// writer (measured: facts in docs/adr/0004).
#ifndef COUNTERSIGN_SERVER_PIPELINE_PIPELINE_H_
#define COUNTERSIGN_SERVER_PIPELINE_PIPELINE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "core/flow.h"
#include "core/flows.h"
#include "core/policy.h"
#include "core/signer.h"
#include "core/store.h"
#include "server/pipeline/commit_queue.h"
#include "server/pipeline/observer.h"
#include "server/pipeline/product_cache.h"
#include "server/pipeline/signing_board.h"
#include "server/pipeline/task_queue.h"
#include "server/pipeline/watch_hub.h"

namespace countersign::server {

// Whether a key of it is recorded as intended and not yet made.
bool MakesKeys(const core::Product& product);

// Thread-safe. Everything in Parts must outlive it; `observer` may be nullptr.
class Pipeline {
 public:
  using Done = std::function<void(core::Answer)>;
  using PolicySource = std::function<std::shared_ptr<const core::Policy>()>;

  struct Parts {
    core::Store& store;
    core::Signer& signer;
    const base::Clock& clock;
    ProductCache& products;
    WatchHub& watches;
    PolicySource policy;
    PipelineObserver* observer = nullptr;
  };
  struct Options {
    int64_t max_in_flight = 4096;
    absl::Duration sign_timeout = absl::Seconds(30);
    CommitQueue::Options commits;
  };

  Pipeline(Parts parts, Options options);
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  // Starts a flow and returns; `done` gets its one answer: from this thread
  // where the first step knows it (a refusal for its shape, no room at the
  // signer, OVERLOADED), else from the finisher. It must not block. Nobody
  // waits for a signature longer than until `deadline`, where the caller has
  // one; sign_timeout bounds it, too.
  void Run(core::FlowPtr flow, Done done,
           std::optional<absl::Time> deadline = std::nullopt);
  // The same; blocks until the answer is there. Not for the loops' threads.
  core::Answer Call(core::FlowPtr flow,
                    std::optional<absl::Time> deadline = std::nullopt);
  // A change that no flow decides (the tree's integration). Blocks.
  absl::StatusOr<core::CommitOutcome> Commit(core::ChangeSet changes);

  // Whether a flow has this APPROVED request, or a product whose keys are being
  // made, on its way: recovery leaves it alone. A resource name.
  bool IsActive(const std::string& name) const ABSL_LOCKS_EXCLUDED(mutex_);
  int64_t in_flight() const ABSL_LOCKS_EXCLUDED(mutex_);
  int64_t digests_at_signer() const { return commits_.signer_load(); }

  // The stages. Each blocks until Stop.
  void RunWriter() { commits_.RunLoop(); }
  void RunFinisher() { finisher_.RunLoop(); }
  void RunKeyMaker() { key_maker_.RunLoop(); }

  // Shutdown, in this order. New flows are refused with OVERLOADED.
  void StopTaking() ABSL_LOCKS_EXCLUDED(mutex_);
  // True when nothing is on its way any more; false after `timeout`.
  bool Drain(absl::Duration timeout) ABSL_LOCKS_EXCLUDED(mutex_);
  // What the signer still has is answered UNAVAILABLE now; requests stay
  // APPROVED and the next start resumes them.
  void AbandonSigning();
  // Ends the loops when their queues are empty.
  void Stop();

 private:
  struct FlowRun;
  using RunPtr = std::shared_ptr<FlowRun>;

  bool Admit() ABSL_LOCKS_EXCLUDED(mutex_);
  core::World WorldFor(const core::Flow& flow);
  void Apply(const RunPtr& run, core::Effect effect);
  void DeliverAnswer(FlowRun& run, core::Answer answer);
  void DoCommit(const RunPtr& run, core::ChangeSet changes);
  // OK: the run has room at the signer for what `need` says, if anything.
  absl::Status TakeRoom(FlowRun& run,
                        const std::optional<core::SignNeed>& need);
  void DoSign(const RunPtr& run, core::SignJob job);
  void DoMakeKey(const RunPtr& run, core::MakeKeyEffect make);
  void DoDestroyKey(const RunPtr& run, core::KeyRef key);
  void Finish(const RunPtr& run) ABSL_LOCKS_EXCLUDED(mutex_);
  void MarkActive(FlowRun& run, const core::ChangeSet& changes)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void OnDurable(core::ChangeSet changes);

  Parts parts_;
  const Options options_;
  CommitQueue commits_;
  TaskQueue finisher_;
  TaskQueue key_maker_;
  const std::shared_ptr<SigningBoard> board_;

  mutable base::Mutex mutex_;
  base::CondVar idle_;
  int64_t in_flight_ ABSL_GUARDED_BY(mutex_) = 0;
  bool taking_ ABSL_GUARDED_BY(mutex_) = true;
  absl::flat_hash_set<std::string> active_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_PIPELINE_PIPELINE_H_
