#include "server/pipeline/pipeline.h"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "base/log.h"
#include "base/status_macros.h"
#include "core/errors.h"

namespace countersign::server {
namespace {

// Told to those whom the bound on flows turns away: long enough that a crowd of
// refused callers does not eat the processor (measured).
constexpr absl::Duration kRetryWhenFull = absl::Seconds(1);

}  // namespace

bool MakesKeys(const core::Product& product) {
  for (const core::Operation& operation : product.operations) {
    for (const core::KeyVersion& key : operation.key_versions) {
      if (key.state == core::KeyState::kGenerating) return true;
    }
  }
  return false;
}

// One flow on its way. Touched by one thread at a time: the queues between the
// stages order them.
struct Pipeline::FlowRun {
  core::FlowPtr flow;
  Done done;                           // empty when the answer has left
  std::optional<absl::Time> deadline;  // the caller's
  bool starting = true;             // the caller's thread is in the first step
  core::RoomPtr room;               // at the signer, until the job has it
  std::vector<std::string> active;  // names in active_
};

Pipeline::Pipeline(Parts parts, Options options)
    : parts_(std::move(parts)),
      options_(options),
      commits_(
          parts_.store, options.commits,
          [this](core::ChangeSet changes) { OnDurable(std::move(changes)); },
          parts_.observer),
      board_(std::make_shared<SigningBoard>()) {}

Pipeline::~Pipeline() { Stop(); }

bool Pipeline::Admit() {
  base::MutexLock lock(mutex_);
  if (!taking_ || in_flight_ >= options_.max_in_flight) return false;
  ++in_flight_;
  return true;
}

void Pipeline::Run(core::FlowPtr flow, Done done,
                   std::optional<absl::Time> deadline) {
  if (!Admit()) {
    done(core::error::Overloaded(kRetryWhenFull));
    return;
  }
  auto run = std::make_shared<FlowRun>();
  run->flow = std::move(flow);
  run->done = std::move(done);
  run->deadline = deadline;
  const absl::StatusOr<ProductSnapshot> product =
      parts_.products.Get(run->flow->product());
  if (!product.ok()) {
    base::Log(base::Severity::kError, "product_read_failed",
              {{"cause", product.status().ToString()}});
    Apply(run, core::Effect{core::Answer(core::error::RecordUnavailable()),
                            core::DoneEffect{}});
    return;
  }
  const core::World world{parts_.policy(), *product, parts_.clock.Now()};
  Apply(run, run->flow->Start(world));
}

core::Answer Pipeline::Call(core::FlowPtr flow,
                            std::optional<absl::Time> deadline) {
  struct Waiter {
    base::Mutex mutex;
    base::CondVar ready;
    std::optional<core::Answer> answer ABSL_GUARDED_BY(mutex);
  };
  auto waiter = std::make_shared<Waiter>();
  Run(
      std::move(flow),
      [waiter](core::Answer answer) {
        base::MutexLock lock(waiter->mutex);
        waiter->answer = std::move(answer);
        waiter->ready.Signal();
      },
      deadline);
  base::MutexLock lock(waiter->mutex);
  while (!waiter->answer.has_value()) waiter->ready.Wait(waiter->mutex);
  return *std::move(waiter->answer);
}

absl::StatusOr<core::CommitOutcome> Pipeline::Commit(core::ChangeSet changes) {
  struct Waiter {
    base::Mutex mutex;
    base::CondVar ready;
    std::optional<CommitQueue::Outcome> outcome ABSL_GUARDED_BY(mutex);
  };
  auto waiter = std::make_shared<Waiter>();
  commits_.Push(std::move(changes), [waiter](CommitQueue::Outcome outcome) {
    base::MutexLock lock(waiter->mutex);
    waiter->outcome = std::move(outcome);
    waiter->ready.Signal();
  });
  base::MutexLock lock(waiter->mutex);
  while (!waiter->outcome.has_value()) waiter->ready.Wait(waiter->mutex);
  return *std::move(waiter->outcome);
}

core::World Pipeline::WorldFor(const core::Flow& flow) {
  // The first step has put the product into the cache, so this reads no disk
  // but for a product that was created meanwhile.
  absl::StatusOr<ProductSnapshot> product = parts_.products.Get(flow.product());
  return core::World{parts_.policy(),
                     product.ok() ? *std::move(product) : ProductSnapshot(),
                     parts_.clock.Now()};
}

void Pipeline::Apply(const RunPtr& run, core::Effect effect) {
  if (effect.answer.has_value()) DeliverAnswer(*run, *std::move(effect.answer));
  if (auto* commit = std::get_if<core::CommitEffect>(&effect.next)) {
    const absl::Status room = TakeRoom(*run, commit->need);
    if (!room.ok()) {
      // A refusal from the first step still leaves from the caller's thread.
      return Apply(run, run->flow->OnCommitted(room, WorldFor(*run->flow)));
    }
    run->starting = false;
    return DoCommit(run, std::move(commit->changes));
  }
  run->starting = false;
  if (auto* sign = std::get_if<core::SignEffect>(&effect.next)) {
    return DoSign(run, std::move(sign->job));
  }
  // It does not sign now: others may.
  run->room = nullptr;
  if (auto* make = std::get_if<core::MakeKeyEffect>(&effect.next)) {
    DoMakeKey(run, std::move(*make));
  } else if (auto* destroy =
                 std::get_if<core::DestroyKeyEffect>(&effect.next)) {
    DoDestroyKey(run, std::move(destroy->key));
  } else {
    Finish(run);
  }
}

void Pipeline::DeliverAnswer(FlowRun& run, core::Answer answer) {
  Done done = std::exchange(run.done, nullptr);
  if (done == nullptr) {
    base::Log(base::Severity::kError, "flow_answered_twice");
    return;
  }
  if (run.starting) {
    done(std::move(answer));
    return;
  }
  finisher_.Push([done = std::move(done),
                  answer = std::make_shared<core::Answer>(std::move(answer))] {
    done(std::move(*answer));
  });
}

absl::Status Pipeline::TakeRoom(FlowRun& run,
                                const std::optional<core::SignNeed>& need) {
  if (!need.has_value()) {
    run.room = nullptr;
    return absl::OkStatus();
  }
  // Who decides again after a lost race keeps the place that he has.
  if (run.room != nullptr) return absl::OkStatus();
  ASSIGN_OR_RETURN(run.room, parts_.signer.Reserve(need->key, need->digests));
  return absl::OkStatus();
}

void Pipeline::DoCommit(const RunPtr& run, core::ChangeSet changes) {
  MarkActive(*run, changes);
  commits_.Push(std::move(changes), [this, run](CommitQueue::Outcome outcome) {
    core::Effect next = run->flow->OnCommitted(outcome, WorldFor(*run->flow));
    Apply(run, std::move(next));
  });
}

void Pipeline::DoSign(const RunPtr& run, core::SignJob job) {
  if (job.deadline == absl::InfiniteFuture() || job.deadline == absl::Time()) {
    job.deadline = std::min(parts_.clock.Now() + options_.sign_timeout,
                            run->deadline.value_or(absl::InfiniteFuture()));
  }
  job.priority = job.priority || run->flow->priority();
  const auto digests = static_cast<int64_t>(job.digests.size());
  const uint64_t number = board_->Add([this, run,
                                       digests](core::SignResult result) {
    commits_.AddSignerLoad(-digests);
    Apply(run, run->flow->OnSigned(std::move(result), WorldFor(*run->flow)));
  });
  if (number == 0) {
    Apply(run,
          run->flow->OnSigned(absl::UnavailableError("the server is stopping"),
                              WorldFor(*run->flow)));
    return;
  }
  commits_.AddSignerLoad(digests);
  job.room = std::exchange(run->room, nullptr);
  parts_.signer.Sign(std::move(job),
                     [board = board_, number](core::SignResult result) {
                       board->Complete(number, std::move(result));
                     });
}

void Pipeline::DoMakeKey(const RunPtr& run, core::MakeKeyEffect make) {
  key_maker_.Push([this, run, make = std::move(make)] {
    absl::StatusOr<core::KeyReport> report =
        make.existing ? parts_.signer.RegisterKey(make.key)
                      : parts_.signer.MakeKey(make.key);
    Apply(run, run->flow->OnKeyMade(std::move(report), WorldFor(*run->flow)));
  });
}

void Pipeline::DoDestroyKey(const RunPtr& run, core::KeyRef key) {
  key_maker_.Push([this, run, key = std::move(key)] {
    absl::Status status = parts_.signer.DestroyKey(key);
    Apply(run,
          run->flow->OnKeyDestroyed(std::move(status), WorldFor(*run->flow)));
  });
}

void Pipeline::Finish(const RunPtr& run) {
  if (run->done != nullptr) {
    base::Log(base::Severity::kError, "flow_without_answer");
    DeliverAnswer(*run, absl::InternalError("a flow ended without an answer"));
  }
  if (parts_.observer != nullptr) {
    parts_.observer->OnLoad(in_flight() - 1, commits_.signer_load());
  }
  // The last that touches the pipeline: whoever drains it may then end it.
  base::MutexLock lock(mutex_);
  for (const std::string& name : run->active) active_.erase(name);
  if (--in_flight_ == 0) idle_.SignalAll();
}

void Pipeline::MarkActive(FlowRun& run, const core::ChangeSet& changes) {
  std::vector<std::string> names;
  for (const core::SigningRequest& request : changes.requests) {
    if (request.state == core::RequestState::kApproved) {
      names.push_back(request.name.Format());
    }
  }
  for (const core::Product& product : changes.products) {
    if (MakesKeys(product)) names.push_back(product.name.Format());
  }
  if (names.empty()) return;
  base::MutexLock lock(mutex_);
  for (std::string& name : names) {
    if (active_.insert(name).second) run.active.push_back(std::move(name));
  }
}

void Pipeline::OnDurable(core::ChangeSet changes) {
  for (core::Product& product : changes.products) {
    parts_.products.Put(std::move(product));
  }
  for (core::SigningRequest& request : changes.requests) {
    if (!parts_.watches.IsWatched(request.name.Format())) continue;
    auto snapshot =
        std::make_shared<const core::SigningRequest>(std::move(request));
    finisher_.Push([this, snapshot] { parts_.watches.Notify(snapshot); });
  }
}

bool Pipeline::IsActive(const std::string& name) const {
  base::MutexLock lock(mutex_);
  return active_.contains(name);
}

int64_t Pipeline::in_flight() const {
  base::MutexLock lock(mutex_);
  return in_flight_;
}

void Pipeline::StopTaking() {
  base::MutexLock lock(mutex_);
  taking_ = false;
}

bool Pipeline::Drain(absl::Duration timeout) {
  const absl::Duration until = base::SteadyNow() + timeout;
  base::MutexLock lock(mutex_);
  while (in_flight_ > 0) {
    const absl::Duration left = until - base::SteadyNow();
    if (left <= absl::ZeroDuration()) return false;
    idle_.WaitFor(mutex_, left);
  }
  return true;
}

void Pipeline::AbandonSigning() {
  board_->Close(absl::UnavailableError("the server is stopping"));
}

void Pipeline::Stop() {
  key_maker_.Stop();
  commits_.Stop();
  finisher_.Stop();
}

}  // namespace countersign::server
