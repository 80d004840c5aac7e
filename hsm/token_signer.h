// Signing on one token: a queue, threads that each own one session, and a
// watchdog that never enters the module. The watchdog answers what is late,
// leaves threads behind that do not come back, replaces them, and gives the
// queue to others while the token is away. Called by Pkcs11Signer, which routes
// between several of these.
#ifndef COUNTERSIGN_HSM_TOKEN_SIGNER_H_
#define COUNTERSIGN_HSM_TOKEN_SIGNER_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "core/algorithms.h"
#include "core/signer.h"
#include "hsm/call_slot.h"
#include "hsm/module.h"
#include "hsm/sign_queue.h"
#include "hsm/sign_task.h"
#include "hsm/sign_worker.h"
#include "hsm/signer_observer.h"
#include "hsm/token.h"
#include "hsm/token_options.h"

namespace countersign::hsm {

// Thread-safe.
class TokenSigner {
 public:
  // A task that this token could not do: the error is of its last try. Called
  // from threads of this, until it dies.
  using Failed = std::function<void(SignTask, absl::Status)>;

  // Starts everything and waits for nothing. `clock` and `observer`, which may
  // be null, outlive it. RESOURCE_EXHAUSTED where the system has no thread.
  static absl::StatusOr<std::unique_ptr<TokenSigner>> Create(
      TokenOptions options, std::shared_ptr<Module> module,
      const base::Clock& clock, SignerObserver* observer, Failed failed);
  // As Stop.
  ~TokenSigner();
  TokenSigner(const TokenSigner&) = delete;
  TokenSigner& operator=(const TokenSigner&) = delete;

  // Takes nothing more, answers what waits with UNAVAILABLE, and waits for what
  // is inside the module, some seconds at most: a thread that does not come
  // back stays. After it `failed` is called no more. Once; from one thread.
  void Stop();

  const std::string& name() const { return token_->options().name; }
  Token& token() const { return *token_; }
  // For work beside signing, which may outlive this.
  const std::shared_ptr<WorkerShare>& share() const { return share_; }

  // OK where it can sign now or in a moment; otherwise UNAVAILABLE
  // TOKEN_UNAVAILABLE with the reason. Does not block.
  absl::Status CheckUsable() const;
  core::TokenHealth Health() const;

  // As SignQueue; UNAVAILABLE too where it is not usable.
  absl::Status Push(std::vector<SignTask> tasks, SignQueue::Entry entry);
  absl::Status PushBack(SignTask task);
  // To reserve room in, which may be held longer than this lives.
  const std::shared_ptr<SignQueue>& queue() const {
    return share_->shared_queue;
  }
  absl::Duration ExpectedWait() const { return share_->queue.ExpectedWait(); }
  absl::Duration StepFor(core::KeyType type) const {
    return share_->queue.StepFor(type);
  }

  // CPU time of all signing threads, at most 64 digests each behind.
  absl::Duration CpuTime() const ABSL_LOCKS_EXCLUDED(workers_mutex_);
  size_t QueuedDigests() const { return share_->queue.size(); }

 private:
  TokenSigner(std::shared_ptr<Token> token, const base::Clock& clock,
              SignerObserver* observer, Failed failed);
  absl::Status StartWorkers() ABSL_EXCLUSIVE_LOCKS_REQUIRED(workers_mutex_);
  void Watch();
  void WatchWorkers() ABSL_LOCKS_EXCLUDED(workers_mutex_);
  void WatchQueue();
  // Takes the calls of at least that age away from their threads.
  void LeaveBehind(absl::Duration timeout) ABSL_LOCKS_EXCLUDED(workers_mutex_);
  void AnswerLate(CallSlot::Taken taken);
  void AnswerStuck(CallSlot::Taken taken);
  bool AwaitWorkers(absl::Duration patience);

  const std::shared_ptr<Token> token_;
  const std::shared_ptr<WorkerShare> share_;
  const base::Clock& clock_;
  const Failed failed_;

  mutable base::Mutex workers_mutex_;
  std::vector<std::shared_ptr<SignWorker>> workers_
      ABSL_GUARDED_BY(workers_mutex_);

  base::Mutex stop_mutex_;
  base::CondVar stopped_;
  bool stop_ ABSL_GUARDED_BY(stop_mutex_) = false;
  int told_sessions_ = -1;  // the watchdog's
  std::thread watchdog_;
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_TOKEN_SIGNER_H_
