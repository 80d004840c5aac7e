#include "hsm/token.h"

#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "hsm/errors.h"
#include "hsm/return_code.h"
#include "hsm/slot.h"

namespace countersign::hsm {
namespace {

// How long a new start waits for signatures that are under way: RSA-4096 on a
// slow device takes less.
constexpr absl::Duration kQuiesce = absl::Seconds(2);

}  // namespace

absl::StatusOr<std::unique_ptr<Token>> Token::Open(
    const std::string& module_path, const std::string& label,
    const std::string& pin_file) {
  ASSIGN_OR_RETURN(std::unique_ptr<Module> module, Module::Load(module_path));
  std::unique_ptr<Token> token(new Token(std::move(module), label, pin_file));
  RETURN_IF_ERROR(token->Connect());
  return token;
}

Token::Token(std::unique_ptr<Module> module, std::string label,
             std::string pin_file)
    : module_(std::move(module)),
      label_(std::move(label)),
      login_(std::move(pin_file)) {}

absl::Status Token::Connect() {
  ASSIGN_OR_RETURN(const TokenInfo info, FindToken(*module_, label_));
  ASSIGN_OR_RETURN(Session session, Session::Open(*module_, info.slot,
                                                  Session::Mode::kReadOnly));
  RETURN_IF_ERROR(login_.LogIn(session, info));
  auto pinned = std::make_unique<Session>(std::move(session));
  // The old one dies outside the lock: closing is a call into the module.
  base::MutexLock lock(mutex_);
  pinned_.swap(pinned);
  slot_ = info.slot;
  ready_ = true;
  why_not_.clear();
  return absl::OkStatus();
}

absl::StatusOr<Session> Token::OpenSession(Session::Mode mode) {
  CK_SLOT_ID slot = 0;
  uint64_t epoch = 0;
  {
    base::MutexLock lock(mutex_);
    if (!ready_) return error::TokenUnavailable(label_, why_not_);
    slot = slot_;
    epoch = pinned_->epoch();
  }
  absl::StatusOr<Session> session = Session::Open(*module_, slot, mode);
  if (FailureOf(session.status()) == Failure::kDevice) {
    ReportLost(epoch, session.status());
  }
  return session;
}

absl::Status Token::EnsureReady() {
  {
    base::MutexLock lock(mutex_);
    if (ready_) return absl::OkStatus();
    const absl::Duration now = base::SteadyNow();
    // A refused PIN stays refused: a new start would change nothing.
    if (connecting_ || login_.refused() ||
        (last_attempt_.has_value() &&
         now - *last_attempt_ < error::kRetryDelay)) {
      return error::TokenUnavailable(label_, why_not_);
    }
    connecting_ = true;
    last_attempt_ = now;
  }
  const absl::Status status = Reconnect();
  {
    base::MutexLock lock(mutex_);
    connecting_ = false;
    if (!status.ok()) why_not_ = std::string(status.message());
  }
  if (!status.ok()) return error::TokenUnavailable(label_, status.message());
  base::Log(base::Severity::kInfo, "hsm_token_back", {{"token", label_}});
  return absl::OkStatus();
}

absl::Status Token::Reconnect() {
  RETURN_IF_ERROR(module_->Reinitialise(kQuiesce));
  return Connect();
}

void Token::ReportLost(uint64_t epoch, const absl::Status& why) {
  {
    base::MutexLock lock(mutex_);
    if (!ready_ || (pinned_ != nullptr && pinned_->epoch() != epoch)) return;
    ready_ = false;
    why_not_ = std::string(why.message());
  }
  base::Log(base::Severity::kError, "hsm_token_lost",
            {{"token", label_},
             {"ckr", ReturnCodeNameOf(why)},
             {"error", std::string(why.message())}});
}

core::SignerHealth Token::Health() const {
  base::MutexLock lock(mutex_);
  if (ready_) return {true, ""};
  return {false,
          std::string(error::TokenUnavailable(label_, why_not_).message())};
}

}  // namespace countersign::hsm
