// Load for outage tests: threads that ask a signer for one signature after
// another, check each, and keep count of what became of every job.
#ifndef COUNTERSIGN_HSM_OUTAGE_LOAD_H_
#define COUNTERSIGN_HSM_OUTAGE_LOAD_H_

#include <cstdint>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "core/signer.h"

namespace countersign::hsm {

struct OutageTally {
  int64_t jobs = 0;
  int64_t answers = 0;  // calls of `done`: as many as jobs in the end
  int64_t signatures = 0;
  int64_t wrong = 0;        // do not verify, or are not as many as digests
  int64_t unavailable = 0;  // UNAVAILABLE with a retry delay: as it should be
  int64_t lost = 0;         // no answer within a minute
  std::map<std::string, int64_t> other_errors;  // by what they say
};

// Thread-safe.
class OutageLoad {
 public:
  // Each thread signs with all of `keys` in turn. `signer` outlives it.
  OutageLoad(core::Signer& signer, std::vector<core::KeyRef> keys, int threads);
  // As Stop.
  ~OutageLoad();
  OutageLoad(const OutageLoad&) = delete;
  OutageLoad& operator=(const OutageLoad&) = delete;

  OutageTally tally() const ABSL_LOCKS_EXCLUDED(mutex_);
  // Blocks until each thread was answered a job that was asked for after this
  // call, with a signature or UNAVAILABLE as said. False after a minute.
  bool AwaitAllSigned() { return AwaitAll(/*signed_wanted=*/true); }
  bool AwaitAllRefused() { return AwaitAll(/*signed_wanted=*/false); }
  // Blocks until a job that was asked for after `since` (base::SteadyNow) is
  // signed, and answers when that was; infinite after a minute.
  absl::Duration AwaitFirstSigned(absl::Duration since)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Blocks until every job has its answer.
  OutageTally Stop() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // What a thread has seen last: when the job was asked for and answered.
  struct Last {
    absl::Duration signed_asked = -absl::InfiniteDuration();
    absl::Duration signed_answered = -absl::InfiniteDuration();
    absl::Duration refused_asked = -absl::InfiniteDuration();
  };
  void Run(size_t thread);
  bool AskOnce(size_t thread, const core::KeyRef& key);
  void Count(size_t thread, absl::Duration asked, const core::SignJob& job,
             const core::SignResult& result);
  bool AwaitAll(bool signed_wanted) ABSL_LOCKS_EXCLUDED(mutex_);

  core::Signer& signer_;
  const std::vector<core::KeyRef> keys_;
  mutable base::Mutex mutex_;
  base::CondVar changed_;
  OutageTally tally_ ABSL_GUARDED_BY(mutex_);
  std::vector<Last> last_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_OUTAGE_LOAD_H_
