#include "hsm/key_work.h"

#include <optional>

#include "base/clock.h"
#include "base/status_macros.h"
#include "hsm/errors.h"
#include "hsm/expendable_thread.h"
#include "hsm/return_code.h"

namespace countersign::hsm {
namespace {

// How long a token that was just lost is waited for.
constexpr absl::Duration kGrace = absl::Seconds(1);

}  // namespace

absl::Status KeyWork::Run(std::function<absl::Status(Session&)> work) {
  RETURN_IF_ERROR(share_->token->CheckUsable());
  RETURN_IF_ERROR(Begin());
  absl::StatusOr<std::optional<absl::Status>> done = CallWithin<absl::Status>(
      bound_, "hsm-key",
      [state = state_, share = share_, work = std::move(work)] {
        absl::Status status = RunOnToken(*share->token, work);
        End(*state, *share);
        return status;
      });
  if (!done.ok()) {
    End(*state_, *share_);
    return error::TokenUnavailable(share_->options.name,
                                   done.status().message());
  }
  if (done->has_value()) return **done;
  base::MutexLock lock(state_->mutex);
  // It may have ended just now; then its answer is lost all the same.
  if (state_->busy) {
    state_->left_behind = true;
    ++share_->stuck;
    share_->token->module().CountStuck(1);
  }
  return error::CallStuck(share_->options.name, bound_);
}

absl::Status KeyWork::Begin() {
  const absl::Duration until = base::SteadyNow() + bound_;
  base::MutexLock lock(state_->mutex);
  while (state_->busy) {
    const absl::Duration rest = until - base::SteadyNow();
    if (rest <= absl::ZeroDuration() || state_->left_behind) {
      return error::TokenUnavailable(share_->options.name,
                                     "other work on its keys does not end");
    }
    state_->changed.WaitFor(state_->mutex, rest);
  }
  state_->busy = true;
  return absl::OkStatus();
}

void KeyWork::End(State& state, WorkerShare& share) {
  base::MutexLock lock(state.mutex);
  state.busy = false;
  if (std::exchange(state.left_behind, false)) {
    --share.stuck;
    share.token->module().CountStuck(-1);
  }
  state.changed.SignalAll();
}

absl::Status KeyWork::RunOnToken(
    Token& token, const std::function<absl::Status(Session&)>& work) {
  token.AwaitReady(kGrace);
  ASSIGN_OR_RETURN(TokenSession opened,
                   token.OpenSession(Session::Mode::kReadWrite));
  const absl::Status status = work(opened.session);
  const std::optional<Failure> failure = FailureOf(status);
  if (failure == Failure::kDevice) {
    token.ReportLost(opened.generation, status, Token::Cure::kRestart);
  } else if (failure == Failure::kLogin || failure == Failure::kSession) {
    token.ReportLost(opened.generation, status, Token::Cure::kConnect);
  }
  if (!absl::IsUnavailable(status)) return status;
  return error::TokenUnavailable(token.options().name, status.message());
}

}  // namespace countersign::hsm
