// What a signing thread publishes while it is inside the module, where it may
// stay for ever. A watchdog looks at it from outside and takes the thread's
// task away when it is late: of the two exactly one gets the task to finish.
// Knows no module.
#ifndef COUNTERSIGN_HSM_CALL_SLOT_H_
#define COUNTERSIGN_HSM_CALL_SLOT_H_

#include <atomic>
#include <cstdint>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "hsm/sign_task.h"

namespace countersign::hsm {

// Begin, begun and End are for the one thread that calls, the others for any.
class CallSlot {
 public:
  enum class Outcome {
    kMine,        // the task is the thread's again
    kTaken,       // somebody else has answered it; the thread goes on
    kLeftBehind,  // the thread was replaced; it ends
  };
  // What was taken. `task` is empty where the call had none, or none any more.
  struct Taken {
    std::optional<SignTask> task;
    // The key may have been used in the call.
    bool key_used = false;
    absl::Duration inside;
  };

  // Before a call; `now` is steady time. One store that others see.
  void Begin(SignTask task, absl::Duration now);
  // Set by Session::Sign before C_Sign.
  std::atomic<bool>* begun() { return &begun_; }
  // After it. `task` gets the task back with kMine, and is empty otherwise.
  Outcome End(SignTask& task);

  // The task of a call that is still going on although its job's deadline has
  // passed; the thread goes on.
  std::optional<Taken> TakeLate(absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_);
  // A call that has taken `timeout`, with its task where that was not taken
  // before; its thread counts as left behind.
  std::optional<Taken> LeaveBehind(absl::Duration now, absl::Duration timeout)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // How long the present call has been going on; zero where there is none.
  absl::Duration InsideFor(absl::Duration now) const;

 private:
  static constexpr int64_t kIdle = 0;
  static constexpr int64_t kLeft = INT64_MIN;
  Taken TakeLocked(int64_t since) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // Steady nanoseconds at which the call began; negative once its task was
  // taken. Who changes it from positive owns the task.
  std::atomic<int64_t> since_{kIdle};
  std::atomic<int64_t> deadline_{INT64_MAX};  // Unix nanoseconds
  std::atomic<bool> begun_{false};
  // Written and read by the owner alone.
  SignTask task_;
  int64_t began_ = 0;
  // Held by those who take; the thread waits for them when it was late.
  base::Mutex mutex_;
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_CALL_SLOT_H_
