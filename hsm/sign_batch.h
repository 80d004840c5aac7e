// One sign job under way: its digests are taken by several workers, its answer
// is given once, when the last of them is done. Knows no module.
#ifndef COUNTERSIGN_HSM_SIGN_BATCH_H_
#define COUNTERSIGN_HSM_SIGN_BATCH_H_

#include <atomic>
#include <cstddef>
#include <functional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "core/signer.h"
#include "hsm/mechanism.h"

namespace countersign::hsm {

// Thread-safe, as long as each index is finished once.
class SignBatch {
 public:
  // The job has passed CheckSignJob.
  SignBatch(core::SignJob job, std::function<void(core::SignResult)> done);
  SignBatch(const SignBatch&) = delete;
  SignBatch& operator=(const SignBatch&) = delete;

  const core::SignJob& job() const { return job_; }
  const Mechanism& mechanism() const { return mechanism_; }
  size_t size() const { return job_.digests.size(); }

  // True after the first error: what is left need not be signed.
  bool failed() const { return failed_.load(std::memory_order_relaxed); }

  // The outcome of digest `index`. The last one calls `done`, from this thread:
  // with all signatures, or with the first error, marked by
  // core::WithKeyUseUnknown where any of the digests used the key, or may have.
  void Finish(size_t index, absl::StatusOr<core::DigestSignature> signature)
      ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Complete() ABSL_LOCKS_EXCLUDED(mutex_);

  const core::SignJob job_;
  const Mechanism& mechanism_;
  std::function<void(core::SignResult)> done_;
  // Each element is written by the one thread that has its index; the counter
  // orders them before the completion.
  std::vector<core::DigestSignature> signatures_;
  std::atomic<size_t> left_;
  std::atomic<bool> failed_{false};
  std::atomic<bool> key_used_{false};
  base::Mutex mutex_;
  absl::Status error_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_SIGN_BATCH_H_
