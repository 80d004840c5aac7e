// The Signer port on a PKCS#11 token: a bounded queue, and threads that each
// own one session and sign and verify on it. Decides nothing about who may
// sign. Made by server/app.cc.
#ifndef COUNTERSIGN_HSM_PKCS11_SIGNER_H_
#define COUNTERSIGN_HSM_PKCS11_SIGNER_H_

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
#include "core/signer.h"
#include "hsm/key_cache.h"
#include "hsm/sign_queue.h"
#include "hsm/sign_worker.h"
#include "hsm/signer_observer.h"
#include "hsm/token.h"

namespace countersign::hsm {

struct Pkcs11SignerOptions {
  std::string module_path;  // absolute
  std::string token_label;
  // First line is the PIN; readable by its owner alone.
  std::string pin_file;
  // Sessions, and threads, that sign: 1..64. As many as the token or, for
  // SoftHSM, the machine can keep busy.
  int sessions = 2;
  // Digests that may wait; at least 1000, the largest job.
  size_t max_queued_digests = 4096;
  SignerObserver* observer = nullptr;  // outlives the signer
};

// Thread-safe. Ignore SIGPIPE in a process that uses it: modules write to
// sockets. Never fork after Create.
class Pkcs11Signer final : public core::Signer {
 public:
  // Loads the module, logs in once, opens all sessions, starts the threads.
  // Blocks. Every mistake in the options has an error of hsm/errors.h; none of
  // them costs a PIN try, but a wrong PIN, which costs one.
  static absl::StatusOr<std::unique_ptr<Pkcs11Signer>> Create(
      const Pkcs11SignerOptions& options, const base::Clock& clock);
  // Digests that still wait are answered with UNAVAILABLE; waits for what is
  // inside the module.
  ~Pkcs11Signer() override;

  absl::StatusOr<std::string> MakeKey(const core::KeyRef& key) override;
  void Sign(core::SignJob job,
            std::function<void(core::SignResult)> done) override;
  core::SignerHealth Health() const override;

  // CPU time of all signing threads, at most 64 digests each behind.
  absl::Duration CpuTime() const;
  // Digests that wait for a session.
  size_t QueuedDigests() const;

 private:
  Pkcs11Signer(std::unique_ptr<Token> token, const Pkcs11SignerOptions& options,
               const base::Clock& clock);
  absl::Status OpenSessions(int count);
  void StartThreads();
  absl::StatusOr<std::string> MakeKeyOnce(const core::KeyRef& key);

  const std::unique_ptr<Token> token_;
  const base::Clock& clock_;
  SignerObserver* const observer_;
  KeyCache keys_;
  SignQueue queue_;
  std::vector<std::unique_ptr<SignWorker>> workers_;
  std::vector<std::thread> threads_;

  base::Mutex making_mutex_;
  base::CondVar made_;
  bool making_ ABSL_GUARDED_BY(making_mutex_) = false;
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_PKCS11_SIGNER_H_
