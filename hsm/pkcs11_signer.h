// The Signer port on PKCS#11 tokens: finds the tokens of each key, gives each
// digest to the one that expects to be done first, and what one token cannot do
// to another. Decides nothing about who may sign. Made by server/app.cc.
#ifndef COUNTERSIGN_HSM_PKCS11_SIGNER_H_
#define COUNTERSIGN_HSM_PKCS11_SIGNER_H_

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "core/signer.h"
#include "hsm/key_life.h"
#include "hsm/key_work.h"
#include "hsm/modules.h"
#include "hsm/session.h"
#include "hsm/sign_queue.h"
#include "hsm/sign_task.h"
#include "hsm/token_options.h"
#include "hsm/token_signer.h"

namespace countersign::hsm {

// Thread-safe. Ignore SIGPIPE in a process that uses it: modules write to
// sockets. Never fork after Create.
class Pkcs11Signer final : public core::Signer {
 public:
  // Loads the modules, logs in once to each token, starts the threads. Blocks,
  // for the longest call_timeout at most. Every mistake in the options has an
  // error of hsm/errors.h; none of them costs a PIN try, but a wrong PIN, which
  // costs one. A token that is away is no error: Health says so, and it is used
  // when it is back.
  static absl::StatusOr<std::unique_ptr<Pkcs11Signer>> Create(
      const Pkcs11SignerOptions& options, const base::Clock& clock);
  // Digests that still wait are answered with UNAVAILABLE; waits some seconds
  // for what is inside the modules. Finalises those where nobody is left.
  ~Pkcs11Signer() override;

  absl::StatusOr<core::KeyReport> MakeKey(const core::KeyRef& key) override;
  absl::StatusOr<core::KeyReport> RegisterKey(const core::KeyRef& key) override;
  absl::Status DestroyKey(const core::KeyRef& key) override;
  absl::Status CheckKey(const core::KeyRef& key) override;
  absl::StatusOr<core::RoomPtr> Reserve(const core::KeyRef& key,
                                        size_t digests) override;
  void Sign(core::SignJob job,
            std::function<void(core::SignResult)> done) override;
  core::SignerHealth Health() const override;

  // CPU time of all signing threads, at most 64 digests each behind.
  absl::Duration CpuTime() const;
  // Digests that wait for a session.
  size_t QueuedDigests() const;

 private:
  struct Lane {
    std::unique_ptr<TokenSigner> signer;
    std::unique_ptr<KeyWork> keys;
  };

  explicit Pkcs11Signer(const Pkcs11SignerOptions& options);
  absl::Status Start(const Pkcs11SignerOptions& options,
                     const base::Clock& clock);

  // The lanes of a key, as its tokens are named. NOT_FOUND UNKNOWN_TOKEN.
  absl::StatusOr<std::vector<const Lane*>> LanesOf(
      const core::KeyRef& key) const;
  // Gives the tasks of one job to those of its lanes that can sign. An error
  // means that none was taken.
  absl::Status Distribute(std::vector<SignTask> tasks, SignQueue::Entry entry,
                          const std::vector<const Lane*>& lanes);
  // A task that token `name` could not do.
  void Reroute(const std::string& name, SignTask task, absl::Status why);
  // One of the tokens of a key makes or checks it.
  using KeyStep = std::function<absl::StatusOr<CheckedKey>(
      Session&, const TokenOptions&, const core::KeyRef&)>;
  static absl::Status WorkOnKey(const Lane& lane, const core::KeyRef& key,
                                const KeyStep& step, core::KeyReport& report);

  SignerObserver* const observer_;
  std::atomic<bool> stopping_{false};
  Modules modules_;
  std::vector<Lane> lanes_;  // the default first
  std::atomic<size_t> turn_{0};
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_PKCS11_SIGNER_H_
