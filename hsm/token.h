// One token of one module over the life of the process: connected, lost, and
// taken up again by a thread of its own, the keeper, which alone does what may
// block outside of signing (loading, initialising, logging in, keeping alive).
// Makes no signatures. Called by TokenSigner and its workers.
#ifndef COUNTERSIGN_HSM_TOKEN_H_
#define COUNTERSIGN_HSM_TOKEN_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "base/random.h"
#include "hsm/connection.h"
#include "hsm/login.h"
#include "hsm/module.h"
#include "hsm/presence.h"
#include "hsm/session.h"
#include "hsm/token_options.h"

namespace countersign::hsm {

// A session, and the connection that it belongs to: handles of objects hold
// within one generation.
struct TokenSession {
  Session session;
  uint64_t generation = 0;
};

// Thread-safe. No method but the keeper's own enters the module, except
// OpenSession.
class Token : public std::enable_shared_from_this<Token> {
 public:
  enum class State {
    kConnecting,  // never was there yet
    kReady,
    kRecovering,  // just lost; the first try to have it back is under way
    kAway,        // that failed; more follow, some ten in a second
    kRefused,     // a PIN or a setting is wrong: looked at now and then
    kStopped,
  };
  // What brings a lost token back.
  enum class Cure {
    kConnect,  // another session and login
    kRestart,  // the module must be initialised anew
  };

  // Starts the keeper. RESOURCE_EXHAUSTED where there is no thread for it.
  static absl::StatusOr<std::shared_ptr<Token>> Create(
      TokenOptions options, std::shared_ptr<Module> module);
  Token(TokenOptions options, std::shared_ptr<Module> module);
  Token(const Token&) = delete;
  Token& operator=(const Token&) = delete;

  // Waits for the first try, at most `patience`. A mistake of whoever wrote the
  // configuration is an error (of the module, the label, the PIN); a token that
  // is away or does not answer is none.
  absl::Status AwaitFirstTry(absl::Duration patience)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // For workers: whether to ask for a session at all. One load.
  bool ready() const { return ready_.load(std::memory_order_acquire); }
  // Of the present connection. Sessions of another one are void.
  uint64_t generation() const {
    return generation_.load(std::memory_order_acquire);
  }
  // Waits until it is ready, or stopped, at most `patience`.
  void AwaitReady(absl::Duration patience) ABSL_LOCKS_EXCLUDED(mutex_);
  // OK where it is ready or will be in a moment, as it was just lost; otherwise
  // UNAVAILABLE TOKEN_UNAVAILABLE with the reason. Does not block.
  absl::Status CheckUsable() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Blocks in the module. UNAVAILABLE TOKEN_UNAVAILABLE while it is not ready,
  // or errors of the module; those of the device take it down.
  absl::StatusOr<TokenSession> OpenSession(Session::Mode mode)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // A call of `generation` failed in a way that only `cure` helps. Says nothing
  // where it was connected anew since.
  void ReportLost(uint64_t generation, const absl::Status& why, Cure cure)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Waits for the keeper to end, at most `patience`; false where it is stuck in
  // the module and stays behind.
  bool Stop(absl::Duration patience) ABSL_LOCKS_EXCLUDED(mutex_);

  // Why it is not ready.
  absl::Status why_not() const ABSL_LOCKS_EXCLUDED(mutex_);
  // Of the last connection; nullopt before the first.
  std::optional<TokenInfo> info() const ABSL_LOCKS_EXCLUDED(mutex_);
  const TokenOptions& options() const { return options_; }
  Module& module() const { return *module_; }

 private:
  // The keeper's.
  void Keep();
  void TryToConnect();
  absl::Status Connect();
  absl::Status RestartModule();
  void Accept(std::shared_ptr<Connection> connection);
  void KeepAlive();
  void Settle(const absl::Status& status) ABSL_LOCKS_EXCLUDED(mutex_);
  // Waits until there is something to do.
  void Idle() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Duration PauseLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SetStateLocked(State state) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Every half minute since it was last told.
  void LogAway(const absl::Status& status, absl::Duration told_at);
  // How long the keeper has been in one call into the module.
  absl::Duration KeeperInside() const;

  const TokenOptions options_;
  const std::shared_ptr<Module> module_;

  // The keeper's alone. Its random numbers are its own, as it may outlive
  // everybody else.
  Login login_;
  base::SystemRandom random_;
  std::unique_ptr<Presence> presence_;
  bool restart_ = false;
  uint64_t bad_epoch_ = 0;
  absl::Duration last_keep_alive_;
  absl::Duration last_log_ = -absl::InfiniteDuration();
  // Steady nanoseconds since when it is in the module; 0: it is not.
  std::atomic<int64_t> keeper_since_{0};

  std::atomic<bool> ready_{false};
  std::atomic<uint64_t> generation_{0};

  mutable base::Mutex mutex_;
  base::CondVar changed_;
  State state_ ABSL_GUARDED_BY(mutex_) = State::kConnecting;
  absl::Status why_not_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<Connection> connection_ ABSL_GUARDED_BY(mutex_);
  Cure cure_ ABSL_GUARDED_BY(mutex_) = Cure::kConnect;
  absl::Duration ready_since_ ABSL_GUARDED_BY(mutex_);
  absl::Duration lost_at_ ABSL_GUARDED_BY(mutex_);
  absl::Duration last_login_restart_ ABSL_GUARDED_BY(mutex_) =
      -absl::InfiniteDuration();
  bool first_try_done_ ABSL_GUARDED_BY(mutex_) = false;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
};

// `interval` times 0.5 to 1.5 at random: many servers that lost one HSM do not
// come back to it in step.
absl::Duration Jittered(absl::Duration interval, base::Random& random);

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_TOKEN_H_
