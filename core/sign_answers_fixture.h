// The answers of Signer::Sign as a test waits for them.
#ifndef COUNTERSIGN_CORE_SIGN_ANSWERS_FIXTURE_H_
#define COUNTERSIGN_CORE_SIGN_ANSWERS_FIXTURE_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "core/signer.h"

namespace countersign::core {

// Collects the answers of jobs; `done` may come from any thread, even late.
class SignAnswers {
 public:
  explicit SignAnswers(size_t jobs) : state_(std::make_shared<State>()) {
    base::MutexLock lock(state_->mutex);
    state_->results.resize(jobs);
    state_->calls.resize(jobs);
  }

  std::function<void(SignResult)> Done(size_t job) {
    return [state = state_, job](SignResult result) {
      base::MutexLock lock(state->mutex);
      ++state->calls[job];
      state->results[job] = std::move(result);
      state->cond.SignalAll();
    };
  }

  // Blocks until each job has an answer, two minutes at most.
  std::vector<SignResult> Wait() {
    base::MutexLock lock(state_->mutex);
    for (int i = 0; i < 1200 && !AllLocked(); ++i) {
      state_->cond.WaitFor(state_->mutex, absl::Milliseconds(100));
    }
    std::vector<SignResult> results;
    for (const std::optional<SignResult>& result : state_->results) {
      results.push_back(result.value_or(absl::AbortedError("no answer came")));
    }
    return results;
  }

  std::vector<int> calls() const {
    base::MutexLock lock(state_->mutex);
    return state_->calls;
  }

 private:
  struct State {
    base::Mutex mutex;
    base::CondVar cond;
    std::vector<std::optional<SignResult>> results ABSL_GUARDED_BY(mutex);
    std::vector<int> calls ABSL_GUARDED_BY(mutex);
  };

  bool AllLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(state_->mutex) {
    for (const int calls : state_->calls) {
      if (calls == 0) return false;
    }
    return true;
  }

  std::shared_ptr<State> state_;
};

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_SIGN_ANSWERS_FIXTURE_H_
