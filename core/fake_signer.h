// A Signer for tests, without a token: real OpenSSL keys in memory and real
// signatures, so that what it answers verifies. Faults are scripted.
//
// MakeKey makes a key on first sight of an id and label and answers the same
// one ever after. Sign checks the job as the port says, signs on the caller's
// thread and calls `done` before it returns; while it is held, it queues
// instead, and Release or PumpOne signs. Health says what SetHealth was given.
//
// RSA keys take long to make: instances of one process share them (the n-th key
// of a type is the same one in every instance).
#ifndef COUNTERSIGN_CORE_FAKE_SIGNER_H_
#define COUNTERSIGN_CORE_FAKE_SIGNER_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "base/openssl.h"
#include "core/signer.h"

namespace countersign::core {

// Thread-safe.
class FakeSigner final : public Signer {
 public:
  // `clock` outlives it; deadlines are told by it.
  explicit FakeSigner(const base::Clock& clock) : clock_(clock) {}
  // Answers what is still held with UNAVAILABLE.
  ~FakeSigner() override;

  absl::StatusOr<std::string> MakeKey(const KeyRef& key) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Sign(SignJob job, std::function<void(SignResult)> done) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  SignerHealth Health() const override ABSL_LOCKS_EXCLUDED(mutex_);

  // The next `count` jobs fail so; no key is used.
  void FailNext(int count, absl::Status status) ABSL_LOCKS_EXCLUDED(mutex_);
  // The next `count` calls of MakeKey fail so; no key is made.
  void FailNextMakeKey(int count, absl::Status status)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // The next `count` jobs are answered with signatures of which one bit is
  // wrong.
  void AnswerWrong(int count) ABSL_LOCKS_EXCLUDED(mutex_);
  // From now on jobs wait.
  void Hold() ABSL_LOCKS_EXCLUDED(mutex_);
  // Signs what waits, in order, priority first, and holds no longer.
  void Release() ABSL_LOCKS_EXCLUDED(mutex_);
  // Signs the first that waits; false where none does.
  bool PumpOne() ABSL_LOCKS_EXCLUDED(mutex_);
  void SetHealth(SignerHealth health) ABSL_LOCKS_EXCLUDED(mutex_);
  // The token loses its keys.
  void LoseKeys() ABSL_LOCKS_EXCLUDED(mutex_);

  // Jobs that came, and digests that were signed.
  int64_t jobs() const ABSL_LOCKS_EXCLUDED(mutex_);
  int64_t signed_digests() const ABSL_LOCKS_EXCLUDED(mutex_);
  size_t waiting() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Key {
    KeyType type;
    std::string spki;
    base::EvpPkeyPtr key;
  };
  struct Queued {
    SignJob job;
    std::function<void(SignResult)> done;
  };
  using KeyId = std::pair<std::string, std::string>;  // id, label

  void Run(Queued queued) ABSL_LOCKS_EXCLUDED(mutex_);
  SignResult Answer(const SignJob& job) ABSL_LOCKS_EXCLUDED(mutex_);
  // Where a fault is scripted, it and nothing else happens.
  absl::Status TakeFault() ABSL_LOCKS_EXCLUDED(mutex_);
  bool TakeWrong() ABSL_LOCKS_EXCLUDED(mutex_);
  // The key of the job, owned by the caller.
  absl::StatusOr<base::EvpPkeyPtr> FindKey(const KeyRef& ref)
      ABSL_LOCKS_EXCLUDED(mutex_);

  const base::Clock& clock_;
  mutable base::Mutex mutex_;
  std::map<KeyId, Key> keys_ ABSL_GUARDED_BY(mutex_);
  std::map<KeyType, int> made_ ABSL_GUARDED_BY(mutex_);
  std::deque<Queued> queue_ ABSL_GUARDED_BY(mutex_);
  bool held_ ABSL_GUARDED_BY(mutex_) = false;
  int failures_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
  int make_failures_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status make_failure_ ABSL_GUARDED_BY(mutex_);
  int wrong_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t jobs_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t signed_digests_ ABSL_GUARDED_BY(mutex_) = 0;
  SignerHealth health_ ABSL_GUARDED_BY(mutex_) = {true, ""};
};

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_FAKE_SIGNER_H_
