#include "hsm/sign_batch.h"

#include <utility>

namespace countersign::hsm {

SignBatch::SignBatch(core::SignJob job,
                     std::function<void(core::SignResult)> done)
    : job_(std::move(job)),
      mechanism_(MechanismFor(job_.algorithm, job_.hash)),
      done_(std::move(done)),
      signatures_(job_.digests.size()),
      left_(job_.digests.size()) {}

void SignBatch::Finish(size_t index,
                       absl::StatusOr<core::DigestSignature> signature) {
  if (signature.ok()) {
    signatures_[index] = *std::move(signature);
    key_used_.store(true, std::memory_order_relaxed);
  } else {
    if (core::KeyMayHaveBeenUsed(signature.status())) {
      key_used_.store(true, std::memory_order_relaxed);
    }
    base::MutexLock lock(mutex_);
    if (error_.ok()) error_ = std::move(signature).status();
    failed_.store(true, std::memory_order_relaxed);
  }
  if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1) Complete();
}

void SignBatch::Complete() {
  absl::Status error;
  {
    base::MutexLock lock(mutex_);
    error = error_;
  }
  if (error.ok()) {
    done_(std::move(signatures_));
  } else if (key_used_.load(std::memory_order_relaxed)) {
    done_(core::WithKeyUseUnknown(error));
  } else {
    done_(std::move(error));
  }
  // What `done` holds is let go with the answer, not with the last reference.
  done_ = nullptr;
}

}  // namespace countersign::hsm
