// What one signing thread does: takes digests from the queue of its token,
// signs them on its own session with two PKCS#11 calls each, verifies, and
// hands them on. It is inside the module only under a CallSlot, through which
// TokenSigner takes its task away and leaves it behind where it does not come
// back.
#ifndef COUNTERSIGN_HSM_SIGN_WORKER_H_
#define COUNTERSIGN_HSM_SIGN_WORKER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "base/signature_verifier.h"
#include "core/algorithms.h"
#include "core/signer.h"
#include "hsm/call_slot.h"
#include "hsm/key_cache.h"
#include "hsm/session.h"
#include "hsm/session_budget.h"
#include "hsm/sign_queue.h"
#include "hsm/sign_task.h"
#include "hsm/signer_observer.h"
#include "hsm/token.h"

namespace countersign::hsm {

// What the workers of one token share. Workers that were left behind keep it
// alive; they touch neither the clock, the observer nor `failed`, which do not
// live as long.
struct WorkerShare {
  WorkerShare(std::shared_ptr<Token> the_token, SignQueue::Options queue_size,
              const base::Clock& the_clock, SignerObserver* the_observer)
      : token(std::move(the_token)),
        options(token->options()),
        shared_queue(std::make_shared<SignQueue>(queue_size)),
        budget(options.sessions),
        clock(the_clock),
        observer(the_observer) {}

  const std::shared_ptr<Token> token;
  const TokenOptions& options;
  // Room in it may be held longer than all of this.
  const std::shared_ptr<SignQueue> shared_queue;
  SignQueue& queue = *shared_queue;
  SessionBudget budget;
  KeyCache keys;
  const base::Clock& clock;
  SignerObserver* const observer;  // may be null
  // Takes a task that this token could not do.
  std::function<void(SignTask, absl::Status)> failed;

  std::atomic<bool> stopping{false};
  // Calls that do not come back.
  std::atomic<int> stuck{0};

  base::Mutex mutex;
  base::CondVar changed;
  // Threads that were not left behind.
  int running ABSL_GUARDED_BY(mutex) = 0;
  absl::Duration cpu_of_ended ABSL_GUARDED_BY(mutex);
};

// Single-thread, but for slot and cpu_time.
class SignWorker {
 public:
  explicit SignWorker(std::shared_ptr<WorkerShare> share)
      : share_(std::move(share)) {}
  SignWorker(const SignWorker&) = delete;
  SignWorker& operator=(const SignWorker&) = delete;

  // Until the share is stopping. False where it was left behind meanwhile.
  bool Run();

  CallSlot& slot() { return slot_; }
  // CPU time of the thread in Run, at most 64 digests old.
  absl::Duration cpu_time() const {
    return absl::Nanoseconds(cpu_nanos_.load(std::memory_order_relaxed));
  }

 private:
  using VerifierKey =
      std::tuple<std::string, core::SignatureAlgorithm, core::HashAlgorithm>;
  // What the last digest needed; the next is often of the same key.
  struct Recent {
    core::KeyRef key;
    uint64_t generation = 0;
    CK_OBJECT_HANDLE handle = CK_INVALID_HANDLE;
    VerifierKey verifier_key;
    base::SignatureVerifier* verifier = nullptr;
  };

  // True where it may have a session; otherwise it has waited a while.
  bool AwaitSession();
  void BeIdle();
  // One digest, from the deadline to the verified signature. In what follows
  // `lost_` says that the task was taken away: then nothing of it is touched.
  void Process(SignTask task);
  absl::StatusOr<std::string> Try(SignTask& task, const SignBatch& batch);
  absl::Status OpenSession(SignTask& task);
  absl::StatusOr<CK_OBJECT_HANDLE> FindKey(SignTask& task,
                                           const core::KeyRef& key);
  void Fail(SignTask task, absl::Status status, bool stale_handle);
  // Back to the queue: it was no fault of the task.
  void PutBack(SignTask task);
  // The token has no room for the session that was reserved.
  void GiveUpSession(SignTask task, const absl::Status& status);
  void DropSession(SignTask& task);
  // The signature in its released form, once it verifies.
  absl::StatusOr<std::string> Check(const SignBatch& batch,
                                    const std::string& digest, std::string raw);
  absl::StatusOr<base::SignatureVerifier*> FindVerifier(const SignBatch& batch);
  bool IsLate(const SignBatch& batch) const;
  void RecordCost(core::KeyType type, absl::Duration taken);
  void PublishCpuTime();

  // What `call`, which enters the module, answers under the slot.
  template <typename Call>
  auto Inside(SignTask& task, absl::Duration now, Call call);

  const std::shared_ptr<WorkerShare> share_;
  CallSlot slot_;
  bool lost_ = false;
  bool no_room_ = false;  // for the session of the last digest
  bool left_behind_ = false;
  bool reserved_ = false;
  std::unique_ptr<Session> session_;  // null after an error
  uint64_t generation_ = 0;           // of the session
  absl::Duration last_use_;           // steady time
  absl::Duration last_begin_;         // of the same
  Recent recent_;
  // One prepared context for each key version, algorithm and hash.
  std::map<VerifierKey, base::SignatureVerifier> verifiers_;
  uint64_t processed_ = 0;
  std::atomic<int64_t> cpu_nanos_{0};
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_SIGN_WORKER_H_
