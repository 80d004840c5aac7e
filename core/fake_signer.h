// A Signer for tests, without a token: real OpenSSL keys in memory and real
// signatures, so that what it answers verifies. Faults are scripted.
//
// It has the tokens that it was given, or any that is named. MakeKey makes a
// key on first sight of a token, id and label and answers the same one ever
// after; AddKey puts one there as somebody else would have. The first token of
// a key that is not away signs. Sign checks the job as the port says, signs on
// the caller's thread and calls `done` before it returns; while it is held, it
// queues instead, and Release or PumpOne signs. Health says what SetHealth was
// given.
#ifndef COUNTERSIGN_CORE_FAKE_SIGNER_H_
#define COUNTERSIGN_CORE_FAKE_SIGNER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "core/fake_fault.h"
#include "core/fake_tokens.h"
#include "core/signer.h"

namespace countersign::core {

// Thread-safe.
class FakeSigner final : public Signer {
 public:
  // `clock` outlives it; deadlines are told by it.
  explicit FakeSigner(const base::Clock& clock) : clock_(clock) {}
  // Answers what is still held with UNAVAILABLE.
  ~FakeSigner() override;

  absl::StatusOr<KeyReport> MakeKey(const KeyRef& key) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<KeyReport> RegisterKey(const KeyRef& key) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status DestroyKey(const KeyRef& key) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status CheckKey(const KeyRef& key) override ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<RoomPtr> Reserve(const KeyRef& key, size_t digests) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Sign(SignJob job, std::function<void(SignResult)> done) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  SignerHealth Health() const override ABSL_LOCKS_EXCLUDED(mutex_);

  // The next `count` jobs fail so; no key is used.
  void FailNext(int count, absl::Status status) ABSL_LOCKS_EXCLUDED(mutex_);
  // The next `count` calls of MakeKey or RegisterKey fail so; no key is made.
  void FailNextMakeKey(int count, absl::Status status)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // The next `count` calls of DestroyKey fail so; no key is touched.
  void FailNextDestroyKey(int count, absl::Status status)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // From now on every call of Reserve is refused so; OK ends that.
  void SetRoom(absl::Status status) ABSL_LOCKS_EXCLUDED(mutex_);
  // From now on Reserve is refused, as OVERLOADED, while so many digests wait
  // or have room; Sign too, where so many wait, for what has neither room nor
  // priority.
  void SetBound(size_t digests) ABSL_LOCKS_EXCLUDED(mutex_);
  // The next `count` jobs say that each digest took `key_uses` uses.
  void UseMoreOften(int count, int key_uses) ABSL_LOCKS_EXCLUDED(mutex_);
  // From now on only these tokens are configured; the first is the default.
  void SetTokens(std::vector<std::string> tokens) ABSL_LOCKS_EXCLUDED(mutex_);
  // That token does not answer, or does again.
  void SetAway(const std::string& token, bool away) ABSL_LOCKS_EXCLUDED(mutex_);
  // A key pair that somebody put into each of the tokens of `key` (the default
  // one where it names none): the same pair in each. Its public key.
  absl::StatusOr<std::string> AddKey(const KeyRef& key)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Whether `token` has a key of that id and label.
  bool HasKey(const std::string& token, const KeyRef& key) const
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
  // Digests that have room and are not queued.
  size_t reserved() const { return *reserved_; }

 private:
  struct Queued {
    SignJob job;
    std::function<void(SignResult)> done;
  };

  void Run(Queued queued) ABSL_LOCKS_EXCLUDED(mutex_);
  size_t WaitingDigestsLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool IsFullLocked(size_t digests) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  SignResult Answer(const SignJob& job) ABSL_LOCKS_EXCLUDED(mutex_);
  // Where a fault is scripted, it and nothing else happens.
  absl::Status TakeFault() ABSL_LOCKS_EXCLUDED(mutex_);
  bool TakeWrong() ABSL_LOCKS_EXCLUDED(mutex_);
  int TakeKeyUses() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<FakeTokens::Found> FindKey(const KeyRef& key) const
      ABSL_LOCKS_EXCLUDED(mutex_);

  const base::Clock& clock_;
  mutable base::Mutex mutex_;
  FakeTokens tokens_ ABSL_GUARDED_BY(mutex_);
  std::deque<Queued> queue_ ABSL_GUARDED_BY(mutex_);
  bool held_ ABSL_GUARDED_BY(mutex_) = false;
  FakeFault sign_fault_ ABSL_GUARDED_BY(mutex_);
  FakeFault make_fault_ ABSL_GUARDED_BY(mutex_);
  FakeFault destroy_fault_ ABSL_GUARDED_BY(mutex_);
  absl::Status room_ ABSL_GUARDED_BY(mutex_);
  std::optional<size_t> bound_ ABSL_GUARDED_BY(mutex_);
  // Room may outlive the signer.
  const std::shared_ptr<std::atomic<size_t>> reserved_ =
      std::make_shared<std::atomic<size_t>>(0);
  int more_uses_ ABSL_GUARDED_BY(mutex_) = 0;
  int key_uses_ ABSL_GUARDED_BY(mutex_) = 1;
  int wrong_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t jobs_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t signed_digests_ ABSL_GUARDED_BY(mutex_) = 0;
  SignerHealth health_ ABSL_GUARDED_BY(mutex_) = {true, "", {}};
};

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_FAKE_SIGNER_H_
