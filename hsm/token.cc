#include "hsm/token.h"

#include <algorithm>
#include <cstring>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "hsm/errors.h"
#include "hsm/expendable_thread.h"
#include "hsm/return_code.h"

namespace countersign::hsm {
namespace {

// How long a new start waits for signatures that are under way: RSA-4096 on a
// slow device takes less.
constexpr absl::Duration kQuiesce = absl::Seconds(2);
// Between two starts of a module on which another token works.
constexpr absl::Duration kSharedPause = absl::Seconds(10);
// Between two starts because of a login that was lost.
constexpr absl::Duration kLoginPause = absl::Seconds(10);
// How long what is queued waits for the first try to have a token back.
constexpr absl::Duration kGrace = absl::Seconds(1);
// How often a refused PIN or setting is looked at again. No PIN is tried.
constexpr absl::Duration kRefusedPause = absl::Seconds(2);
constexpr absl::Duration kStillAwayLog = absl::Seconds(30);
// How soon a keeper sees that another one started their module anew.
constexpr absl::Duration kLookAround = absl::Milliseconds(200);

// A retry can help: the device, the network. All else is somebody's mistake.
bool IsAway(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsResourceExhausted(status);
}

bool IsMissing(const absl::Status& status) {
  return base::GetReason(status) == "TOKEN_NOT_FOUND";
}

}  // namespace

absl::Duration Jittered(absl::Duration interval, base::Random& random) {
  uint32_t n = 0;
  std::memcpy(&n, random.Bytes(sizeof n).data(), sizeof n);
  return interval * (0.5 + n / 4294967296.0);
}

absl::StatusOr<std::shared_ptr<Token>> Token::Create(
    TokenOptions options, std::shared_ptr<Module> module) {
  auto token = std::make_shared<Token>(std::move(options), std::move(module));
  RETURN_IF_ERROR(StartExpendable("hsm-keeper", [token] { token->Keep(); }));
  return token;
}

Token::Token(TokenOptions options, std::shared_ptr<Module> module)
    : options_(std::move(options)),
      module_(std::move(module)),
      login_(options_) {}

void Token::Keep() {
  while (true) {
    State state;
    {
      base::MutexLock lock(mutex_);
      if (stop_) break;
      state = state_;
    }
    keeper_since_ = absl::ToInt64Nanoseconds(base::SteadyNow());
    if (state == State::kReady) {
      KeepAlive();
    } else {
      TryToConnect();
    }
    keeper_since_ = 0;
    Idle();
  }
  std::shared_ptr<Connection> last;
  {
    base::MutexLock lock(mutex_);
    last.swap(connection_);
    SetStateLocked(State::kStopped);
  }
  last.reset();
  presence_.reset();
  base::MutexLock lock(mutex_);
  ended_ = true;
  changed_.SignalAll();
}

void Token::TryToConnect() {
  absl::Status status = module_->Start(options_.call_timeout);
  bool restart;
  {
    base::MutexLock lock(mutex_);
    restart = restart_ || cure_ == Cure::kRestart;
  }
  absl::Status restarted;
  if (status.ok() && restart) restarted = RestartModule();
  if (status.ok()) status = Connect();
  // Why the cure could not be had says more than that the token is still ill.
  if (!status.ok() && !restarted.ok()) status = restarted;
  Settle(status);
}

absl::Status Token::RestartModule() {
  const bool shared = module_->ready_tokens() > 0;
  if (bad_epoch_ == 0) bad_epoch_ = module_->epoch();
  return module_->Restart(bad_epoch_, kQuiesce,
                          shared ? kSharedPause : absl::ZeroDuration());
}

absl::Status Token::Connect() {
  bad_epoch_ = module_->epoch();
  ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection,
                   Connection::Open(module_, options_, login_));
  if (presence_ == nullptr) {
    auto presence =
        Presence::Announce(connection->info().label, connection->info().serial);
    if (presence.ok()) presence_ = *std::move(presence);
  }
  Accept(std::move(connection));
  return absl::OkStatus();
}

void Token::Accept(std::shared_ptr<Connection> connection) {
  bool back;
  {
    base::MutexLock lock(mutex_);
    connection_.swap(connection);
    back = first_try_done_;
    ++generation_;
    cure_ = Cure::kConnect;
    ready_since_ = base::SteadyNow();
    last_keep_alive_ = ready_since_;
    SetStateLocked(State::kReady);
  }
  restart_ = false;
  last_log_ = -absl::InfiniteDuration();
  if (back) {
    base::Log(base::Severity::kInfo, "hsm_token_back",
              {{"token", options_.name}});
  }
  // The former connection dies here, outside the lock: closing is a call.
}

void Token::Settle(const absl::Status& status) {
  const bool away = IsAway(status);
  // The next try initialises the module anew: some remember for ever that
  // there was no token.
  if (!status.ok()) restart_ = away || IsMissing(status);
  absl::Duration lost_at;
  bool first;
  {
    base::MutexLock lock(mutex_);
    first = !first_try_done_;
    lost_at = lost_at_;
  }
  if (!status.ok()) {
    LogAway(status, first ? -absl::InfiniteDuration() : lost_at);
  }
  base::MutexLock lock(mutex_);
  first_try_done_ = true;
  if (!status.ok()) {
    why_not_ = status;
    // A label that was there and is not is a token that is away.
    const bool refused = !away && (first || !IsMissing(status));
    SetStateLocked(refused ? State::kRefused : State::kAway);
  }
  changed_.SignalAll();
}

void Token::KeepAlive() {
  std::shared_ptr<Connection> connection;
  {
    base::MutexLock lock(mutex_);
    connection = connection_;
  }
  if (connection == nullptr) return;
  const uint64_t generation = generation_;
  if (connection->epoch() != module_->epoch()) {
    ReportLost(generation, error::ModuleClosed(), Cure::kConnect);
    return;
  }
  const absl::Duration now = base::SteadyNow();
  if (now - last_keep_alive_ < options_.keep_alive_interval) return;
  last_keep_alive_ = now;
  const absl::Status status = connection->KeepAlive();
  if (status.ok()) return;
  ReportLost(
      generation, status,
      FailureOf(status) == Failure::kDevice ? Cure::kRestart : Cure::kConnect);
}

void Token::Idle() {
  base::MutexLock lock(mutex_);
  State before = state_;
  absl::Duration until = base::SteadyNow() + PauseLocked();
  while (!stop_) {
    if (state_ != before) {
      before = state_;
      until = base::SteadyNow() + PauseLocked();
    }
    const absl::Duration rest = until - base::SteadyNow();
    if (rest <= absl::ZeroDuration()) return;
    changed_.WaitFor(mutex_, rest);
  }
}

absl::Duration Token::PauseLocked() {
  switch (state_) {
    case State::kReady:
      return std::min(options_.keep_alive_interval, kLookAround);
    case State::kRecovering:
      // At once, unless it comes and goes.
      if (lost_at_ - ready_since_ >= kGrace) return absl::ZeroDuration();
      return std::min(Jittered(options_.reconnect_interval, random_), kGrace);
    case State::kRefused:
      return kRefusedPause;
    case State::kConnecting:
    case State::kAway:
    case State::kStopped:
      break;
  }
  return Jittered(options_.reconnect_interval, random_);
}

void Token::SetStateLocked(State state) {
  const bool was_ready = state_ == State::kReady;
  const bool is_ready = state == State::kReady;
  if (was_ready != is_ready) module_->CountReady(is_ready ? 1 : -1);
  state_ = state;
  ready_.store(is_ready, std::memory_order_release);
  changed_.SignalAll();
}

void Token::LogAway(const absl::Status& status, absl::Duration told_at) {
  const absl::Duration now = base::SteadyNow();
  if (now - std::max(last_log_, told_at) < kStillAwayLog) return;
  last_log_ = now;
  base::Log(base::Severity::kError, "hsm_token_away",
            {{"token", options_.name},
             {"ckr", ReturnCodeNameOf(status)},
             {"error", std::string(status.message())}});
}

absl::Status Token::AwaitFirstTry(absl::Duration patience) {
  const absl::Duration until = base::SteadyNow() + patience;
  base::MutexLock lock(mutex_);
  while (!first_try_done_) {
    const absl::Duration rest = until - base::SteadyNow();
    if (rest <= absl::ZeroDuration()) return absl::OkStatus();
    changed_.WaitFor(mutex_, rest);
  }
  return state_ == State::kRefused ? why_not_ : absl::OkStatus();
}

void Token::AwaitReady(absl::Duration patience) {
  const absl::Duration until = base::SteadyNow() + patience;
  base::MutexLock lock(mutex_);
  while (state_ != State::kReady && state_ != State::kStopped && !stop_) {
    const absl::Duration rest = until - base::SteadyNow();
    if (rest <= absl::ZeroDuration()) return;
    changed_.WaitFor(mutex_, rest);
  }
}

absl::Duration Token::KeeperInside() const {
  const int64_t since = keeper_since_.load();
  if (since == 0) return absl::ZeroDuration();
  return base::SteadyNow() - absl::Nanoseconds(since);
}

absl::Status Token::CheckUsable() const {
  if (ready() && keeper_since_ == 0) return absl::OkStatus();
  const absl::Duration inside = KeeperInside();
  base::MutexLock lock(mutex_);
  if (inside > options_.call_timeout) {
    return error::TokenUnavailable(
        options_.name, absl::StrCat("the module has not answered for ",
                                    absl::FormatDuration(absl::Trunc(
                                        inside, absl::Milliseconds(1)))));
  }
  if (state_ == State::kReady) return absl::OkStatus();
  if (state_ == State::kRecovering && base::SteadyNow() - lost_at_ < kGrace) {
    return absl::OkStatus();
  }
  return error::TokenUnavailable(options_.name, why_not_.ok()
                                                    ? "it has not answered yet"
                                                    : why_not_.message());
}

absl::StatusOr<TokenSession> Token::OpenSession(Session::Mode mode) {
  std::shared_ptr<Connection> connection;
  uint64_t generation;
  {
    base::MutexLock lock(mutex_);
    if (state_ != State::kReady) {
      return error::TokenUnavailable(options_.name, why_not_.message());
    }
    connection = connection_;
    generation = generation_;
  }
  absl::StatusOr<Session> session = connection->OpenSession(mode);
  if (session.ok()) return TokenSession{*std::move(session), generation};
  if (FailureOf(session.status()) == Failure::kDevice) {
    ReportLost(generation, session.status(), Cure::kRestart);
  } else if (base::GetReason(session.status()) == "MODULE_CLOSED") {
    ReportLost(generation, session.status(), Cure::kConnect);
    return error::TokenUnavailable(options_.name, session.status().message());
  }
  return session.status();
}

void Token::ReportLost(uint64_t generation, const absl::Status& why,
                       Cure cure) {
  {
    base::MutexLock lock(mutex_);
    if (state_ != State::kReady || generation != generation_) return;
    lost_at_ = base::SteadyNow();
    why_not_ = why;
    cure_ = cure;
    // A login that is lost again so soon is not cured by another one. Or it is
    // a key that wants the PIN each time, for which no new start helps either.
    if (FailureOf(why) == Failure::kLogin && generation > 1 &&
        lost_at_ - ready_since_ < kLoginPause &&
        lost_at_ - last_login_restart_ >= kLoginPause) {
      cure_ = Cure::kRestart;
      last_login_restart_ = lost_at_;
    }
    // Elsewhere on the module a token works: first without a new start.
    if (module_->ready_tokens() > 1) cure_ = Cure::kConnect;
    SetStateLocked(State::kRecovering);
  }
  base::Log(base::Severity::kError, "hsm_token_lost",
            {{"token", options_.name},
             {"ckr", ReturnCodeNameOf(why)},
             {"error", std::string(why.message())}});
}

bool Token::Stop(absl::Duration patience) {
  const absl::Duration until = base::SteadyNow() + patience;
  base::MutexLock lock(mutex_);
  stop_ = true;
  changed_.SignalAll();
  while (!ended_) {
    const absl::Duration rest = until - base::SteadyNow();
    if (rest <= absl::ZeroDuration()) return false;
    changed_.WaitFor(mutex_, rest);
  }
  return true;
}

absl::Status Token::why_not() const {
  base::MutexLock lock(mutex_);
  return state_ == State::kReady ? absl::OkStatus() : why_not_;
}

std::optional<TokenInfo> Token::info() const {
  base::MutexLock lock(mutex_);
  if (connection_ == nullptr) return std::nullopt;
  return connection_->info();
}

}  // namespace countersign::hsm
