// Work on keys beside signing (making, checking, destroying them): on one
// token, one at a time, each on a thread of its own that can be left behind.
// Called by Pkcs11Signer.
#ifndef COUNTERSIGN_HSM_KEY_WORK_H_
#define COUNTERSIGN_HSM_KEY_WORK_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "hsm/session.h"
#include "hsm/sign_worker.h"

namespace countersign::hsm {

// Thread-safe.
class KeyWork {
 public:
  // RSA-4096 takes slow devices most of a minute.
  static constexpr absl::Duration kBound = absl::Minutes(2);

  explicit KeyWork(std::shared_ptr<WorkerShare> share,
                   absl::Duration bound = kBound)
      : state_(std::make_shared<State>()),
        share_(std::move(share)),
        bound_(bound) {}

  // Runs `work` on a new read-write session; it may go on after this has
  // returned, so it owns all that it touches. Blocks for twice the bound at
  // most: for the work before it and for its own. Errors of `work`; UNAVAILABLE
  // TOKEN_UNAVAILABLE, or CALL_STUCK where it did not come back.
  absl::Status Run(std::function<absl::Status(Session&)> work);

 private:
  struct State {
    base::Mutex mutex;
    base::CondVar changed;
    // Two calls for one key must not make two, and the generation of keys is
    // not safe for threads in every module.
    bool busy ABSL_GUARDED_BY(mutex) = false;
    bool left_behind ABSL_GUARDED_BY(mutex) = false;
  };

  static absl::Status RunOnToken(
      Token& token, const std::function<absl::Status(Session&)>& work);
  static void End(State& state, WorkerShare& share);
  absl::Status Begin();

  const std::shared_ptr<State> state_;
  const std::shared_ptr<WorkerShare> share_;
  const absl::Duration bound_;
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_KEY_WORK_H_
