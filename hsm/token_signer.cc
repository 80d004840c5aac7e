#include "hsm/token_signer.h"

#include <pthread.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "hsm/errors.h"
#include "hsm/expendable_thread.h"

namespace countersign::hsm {
namespace {

// How often the watchdog looks: the grace that a late call has.
constexpr absl::Duration kLook = absl::Milliseconds(20);
// How long the end waits for calls that are under way.
constexpr absl::Duration kDrain = absl::Seconds(5);

}  // namespace

absl::StatusOr<std::unique_ptr<TokenSigner>> TokenSigner::Create(
    TokenOptions options, std::shared_ptr<Module> module,
    const base::Clock& clock, SignerObserver* observer, Failed failed) {
  ASSIGN_OR_RETURN(std::shared_ptr<Token> token,
                   Token::Create(std::move(options), std::move(module)));
  std::unique_ptr<TokenSigner> signer(
      new TokenSigner(std::move(token), clock, observer, std::move(failed)));
  {
    base::MutexLock lock(signer->workers_mutex_);
    RETURN_IF_ERROR(signer->StartWorkers());
  }
  signer->watchdog_ = std::thread([s = signer.get()] { s->Watch(); });
  pthread_setname_np(signer->watchdog_.native_handle(), "hsm-watchdog");
  return signer;
}

TokenSigner::TokenSigner(std::shared_ptr<Token> token, const base::Clock& clock,
                         SignerObserver* observer, Failed failed)
    : token_(token),
      share_(std::make_shared<WorkerShare>(
          token,
          SignQueue::Options{token->options().max_queued_digests,
                             token->options().max_queue_time,
                             token->options().sessions},
          clock, observer)),
      clock_(clock),
      failed_(std::move(failed)) {
  share_->failed = failed_;
}

TokenSigner::~TokenSigner() { Stop(); }

void TokenSigner::Stop() {
  if (share_->stopping.exchange(true)) return;
  share_->queue.Close();
  if (watchdog_.joinable()) {
    {
      base::MutexLock lock(stop_mutex_);
      stop_ = true;
      stopped_.SignalAll();
    }
    watchdog_.join();
  }
  const absl::Duration until = base::SteadyNow() + kDrain;
  // Wakes the workers that wait for the token.
  const bool keeper_ended = token_->Stop(absl::ZeroDuration());
  for (SignTask& task : share_->queue.TakeAll()) {
    failed_(std::move(task), error::SignerStopping());
  }
  while (!AwaitWorkers(kLook)) {
    const absl::Duration rest = until - base::SteadyNow();
    if (rest > absl::ZeroDuration()) continue;
    // Only calls into the module may take so long; what is outside ends soon.
    LeaveBehind(absl::ZeroDuration());
  }
  if (!keeper_ended &&
      !token_->Stop(std::max(until - base::SteadyNow(), kLook))) {
    token_->module().CountStuck(1);
  }
}

absl::Status TokenSigner::StartWorkers() {
  const TokenOptions& options = token_->options();
  while (workers_.size() < static_cast<size_t>(options.sessions) &&
         share_->stuck < options.max_stuck_calls) {
    auto worker = std::make_shared<SignWorker>(share_);
    {
      base::MutexLock lock(share_->mutex);
      ++share_->running;
    }
    const absl::Status started = StartExpendable(
        absl::StrCat("hsm-", workers_.size()), [share = share_, worker] {
          if (!worker->Run()) {
            share->token->module().CountStuck(-1);
            --share->stuck;
            return;
          }
          base::MutexLock lock(share->mutex);
          share->cpu_of_ended += worker->cpu_time();
          --share->running;
          share->changed.SignalAll();
        });
    if (!started.ok()) {
      base::MutexLock lock(share_->mutex);
      --share_->running;
      return started;
    }
    workers_.push_back(std::move(worker));
  }
  return absl::OkStatus();
}

bool TokenSigner::AwaitWorkers(absl::Duration patience) {
  const absl::Duration until = base::SteadyNow() + patience;
  base::MutexLock lock(share_->mutex);
  share_->changed.SignalAll();
  while (share_->running > 0) {
    const absl::Duration rest = until - base::SteadyNow();
    if (rest <= absl::ZeroDuration()) return false;
    share_->changed.WaitFor(share_->mutex, rest);
  }
  return true;
}

void TokenSigner::Watch() {
  while (true) {
    {
      base::MutexLock lock(stop_mutex_);
      if (!stop_) stopped_.WaitFor(stop_mutex_, kLook);
      if (stop_) return;
    }
    WatchWorkers();
    WatchQueue();
  }
}

void TokenSigner::WatchWorkers() {
  std::vector<CallSlot::Taken> late;
  {
    base::MutexLock lock(workers_mutex_);
    const absl::Time now = clock_.Now();
    for (const auto& worker : workers_) {
      auto taken = worker->slot().TakeLate(now);
      if (taken.has_value()) late.push_back(*std::move(taken));
    }
  }
  for (CallSlot::Taken& taken : late) AnswerLate(std::move(taken));
  LeaveBehind(token_->options().call_timeout);
  base::MutexLock lock(workers_mutex_);
  // Where there is no thread to be had now, the next look tries again.
  StartWorkers().IgnoreError();
}

void TokenSigner::LeaveBehind(absl::Duration timeout) {
  std::vector<CallSlot::Taken> stuck;
  {
    base::MutexLock lock(workers_mutex_);
    const absl::Duration now = base::SteadyNow();
    std::vector<std::shared_ptr<SignWorker>> kept;
    for (auto& worker : workers_) {
      const absl::Duration inside = worker->slot().InsideFor(now);
      if (inside == absl::ZeroDuration() || inside < timeout) {
        kept.push_back(std::move(worker));
        continue;
      }
      // Counted first: a thread that comes back at once takes it off again.
      ++share_->stuck;
      token_->module().CountStuck(1);
      auto taken = worker->slot().LeaveBehind(now, timeout);
      if (taken.has_value()) {
        stuck.push_back(*std::move(taken));
        share_->budget.Release();
        base::MutexLock share_lock(share_->mutex);
        --share_->running;
        continue;
      }
      --share_->stuck;
      token_->module().CountStuck(-1);
      kept.push_back(std::move(worker));
    }
    workers_ = std::move(kept);
  }
  for (CallSlot::Taken& taken : stuck) AnswerStuck(std::move(taken));
}

void TokenSigner::AnswerLate(CallSlot::Taken taken) {
  if (!taken.task.has_value()) return;
  SignTask& task = *taken.task;
  if (taken.key_used) ++task.key_uses;
  absl::Status status = error::DeadlinePassed();
  if (task.key_uses > 0) status = core::WithKeyUseUnknown(status);
  task.batch->Finish(task.index, std::move(status));
}

void TokenSigner::AnswerStuck(CallSlot::Taken taken) {
  base::Log(base::Severity::kError, "hsm_call_stuck",
            {{"token", name()},
             {"seconds", absl::ToDoubleSeconds(taken.inside)},
             {"stuck_calls", share_->stuck.load()}});
  if (!taken.task.has_value()) return;
  if (taken.key_used) ++taken.task->key_uses;
  failed_(*std::move(taken.task), error::CallStuck(name(), taken.inside));
}

void TokenSigner::WatchQueue() {
  const absl::Status usable = CheckUsable();
  int sessions = 0;
  if (usable.ok()) {
    // Before the first is taken, as many as will be.
    const int reserved = share_->budget.reserved();
    sessions = reserved > 0 ? reserved : token_->options().sessions;
  }
  if (sessions != told_sessions_) {
    told_sessions_ = sessions;
    share_->queue.SetSessions(sessions);
  }
  if (share_->queue.size() == 0) return;
  for (SignTask& task : share_->queue.TakeExpired(clock_.Now())) {
    AnswerLate({std::move(task), false, absl::ZeroDuration()});
  }
  if (usable.ok()) return;
  for (SignTask& task : share_->queue.TakeAll()) {
    failed_(std::move(task), usable);
  }
}

absl::Status TokenSigner::CheckUsable() const {
  RETURN_IF_ERROR(token_->CheckUsable());
  const int stuck = share_->stuck;
  if (stuck >= token_->options().max_stuck_calls) {
    return error::TokenUnavailable(
        name(), absl::StrCat(stuck, " calls into the module do not come back"));
  }
  if (share_->budget.none()) {
    return error::TokenUnavailable(name(), "it has no room for a session");
  }
  return absl::OkStatus();
}

core::TokenHealth TokenSigner::Health() const {
  const absl::Status usable = CheckUsable();
  core::TokenHealth health;
  health.token = name();
  health.ready = usable.ok() && token_->ready();
  health.stuck_calls = share_->stuck;
  if (!usable.ok()) {
    health.message = std::string(usable.message());
  } else if (!health.ready) {
    health.message =
        absl::StrCat("token \"", name(),
                     "\" was lost a moment ago: ", token_->why_not().message());
  }
  return health;
}

absl::Status TokenSigner::Push(std::vector<SignTask> tasks,
                               SignQueue::Entry entry) {
  RETURN_IF_ERROR(CheckUsable());
  return share_->queue.Push(std::move(tasks), entry);
}

absl::Status TokenSigner::PushBack(SignTask task) {
  RETURN_IF_ERROR(CheckUsable());
  return share_->queue.PushBack(std::move(task));
}

absl::Duration TokenSigner::CpuTime() const {
  absl::Duration sum;
  {
    base::MutexLock lock(workers_mutex_);
    for (const auto& worker : workers_) sum += worker->cpu_time();
  }
  base::MutexLock lock(share_->mutex);
  return sum + share_->cpu_of_ended;
}

}  // namespace countersign::hsm
