// Threads that may never end, because a PKCS#11 module blocks without limit and
// cannot be interrupted: nobody joins them, and whatever they can touch they
// keep alive themselves. The only threads of this room that enter a module.
#ifndef COUNTERSIGN_HSM_EXPENDABLE_THREAD_H_
#define COUNTERSIGN_HSM_EXPENDABLE_THREAD_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/mutex.h"

namespace countersign::hsm {

// Runs `work` on a new thread of that name (Linux takes 15 characters) with
// SIGPIPE blocked: modules write to sockets whose other end is gone.
// RESOURCE_EXHAUSTED where the system gives no thread.
absl::Status StartExpendable(const std::string& name,
                             std::function<void()> work);

// What `call` answers, or nullopt after `bound`: then it goes on alone. Blocks.
template <typename T>
absl::StatusOr<std::optional<T>> CallWithin(absl::Duration bound,
                                            const std::string& name,
                                            std::function<T()> call) {
  struct Shared {
    base::Mutex mutex;
    base::CondVar changed;
    std::optional<T> result ABSL_GUARDED_BY(mutex);
  };
  const auto shared = std::make_shared<Shared>();
  const absl::Duration until = base::SteadyNow() + bound;
  const absl::Status started =
      StartExpendable(name, [shared, call = std::move(call)] {
        T result = call();
        base::MutexLock lock(shared->mutex);
        shared->result.emplace(std::move(result));
        shared->changed.SignalAll();
      });
  if (!started.ok()) return started;
  base::MutexLock lock(shared->mutex);
  while (!shared->result.has_value()) {
    const absl::Duration rest = until - base::SteadyNow();
    if (rest <= absl::ZeroDuration()) return std::optional<T>();
    shared->changed.WaitFor(shared->mutex, rest);
  }
  return std::exchange(shared->result, std::nullopt);
}

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_EXPENDABLE_THREAD_H_
