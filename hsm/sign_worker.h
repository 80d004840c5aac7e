// What one signing thread does: takes digests from the queue, signs them on its
// own session with two PKCS#11 calls each, verifies, and hands them on. The
// thread itself belongs to Pkcs11Signer.
#ifndef COUNTERSIGN_HSM_SIGN_WORKER_H_
#define COUNTERSIGN_HSM_SIGN_WORKER_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/signature_verifier.h"
#include "core/algorithms.h"
#include "core/signer.h"
#include "hsm/key_cache.h"
#include "hsm/session.h"
#include "hsm/sign_queue.h"
#include "hsm/signer_observer.h"
#include "hsm/token.h"

namespace countersign::hsm {

// Single-thread, but for cpu_time.
class SignWorker {
 public:
  // All of them outlive the worker; `observer` may be null.
  SignWorker(Session session, Token& token, KeyCache& keys, SignQueue& queue,
             const base::Clock& clock, SignerObserver* observer);
  SignWorker(const SignWorker&) = delete;
  SignWorker& operator=(const SignWorker&) = delete;

  // Until the queue is closed and empty.
  void Run();

  // CPU time of the thread in Run, at most 64 digests old.
  absl::Duration cpu_time() const {
    return absl::Nanoseconds(cpu_nanos_.load(std::memory_order_relaxed));
  }

 private:
  using VerifierKey =
      std::tuple<std::string, core::SignatureAlgorithm, core::HashAlgorithm>;

  // One digest, from the deadline to the verified signature.
  absl::StatusOr<std::string> SignDigest(const SignBatch& batch,
                                         const std::string& digest);
  // One try on the present session; after an error that is gone.
  absl::StatusOr<std::string> Try(const SignBatch& batch,
                                  const std::string& digest);
  absl::StatusOr<CK_OBJECT_HANDLE> FindKey(const core::KeyRef& key);
  absl::Status OpenSession();
  // The signature in its released form, once it verifies.
  absl::StatusOr<std::string> Check(const SignBatch& batch,
                                    const std::string& digest, std::string raw);
  absl::StatusOr<base::SignatureVerifier*> FindVerifier(const SignBatch& batch);
  absl::Status CheckDeadline(const SignBatch& batch) const;
  void PublishCpuTime();

  Token& token_;
  KeyCache& keys_;
  SignQueue& queue_;
  const base::Clock& clock_;
  SignerObserver* const observer_;

  std::unique_ptr<Session> session_;  // null after an error
  uint64_t epoch_ = 0;                // of the last session
  // One prepared context for each key version, algorithm and hash.
  std::map<VerifierKey, base::SignatureVerifier> verifiers_;
  std::atomic<int64_t> cpu_nanos_{0};
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_SIGN_WORKER_H_
