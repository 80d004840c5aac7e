// What time and crashes leave behind: requests that nobody decided in time,
// APPROVED requests that no flow has on its way, products whose approval is
// recorded but whose keys are not made. Each tick it starts the flows that
// finish them; the first tick is recovery. It decides nothing and starts no
// thread.
#ifndef COUNTERSIGN_SERVER_PIPELINE_SWEEPER_H_
#define COUNTERSIGN_SERVER_PIPELINE_SWEEPER_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "core/signer.h"
#include "core/store.h"
#include "server/pipeline/pipeline.h"

namespace countersign::server {

// Tick is called from one thread; everything in the constructor must outlive
// it.
class Sweeper {
 public:
  Sweeper(core::Store& store, core::Signer& signer, const base::Clock& clock,
          Pipeline& pipeline)
      : store_(store),
        signer_(signer),
        clock_(clock),
        pipeline_(pipeline),
        attempts_(std::make_shared<Attempts>()) {}

  // Blocks on the disk, not on the flows that it starts.
  void Tick();

 private:
  // When to try a resource again: 1 s, doubling to a minute, so that a token
  // that keeps failing does not fill the record with attempts.
  class Attempts {
   public:
    // False while a try is under way or its pause is not over.
    bool Begin(const std::string& name, absl::Time now)
        ABSL_LOCKS_EXCLUDED(mutex_);
    void End(const std::string& name, bool ok, absl::Time now)
        ABSL_LOCKS_EXCLUDED(mutex_);

   private:
    struct State {
      bool running = false;
      absl::Duration pause = absl::ZeroDuration();
      absl::Time next;
    };
    base::Mutex mutex_;
    absl::flat_hash_map<std::string, State> states_ ABSL_GUARDED_BY(mutex_);
  };

  void Expire();
  void ResumeRequests();
  void ResumeProducts();
  void Start(const std::string& name, core::FlowPtr flow);

  core::Store& store_;
  core::Signer& signer_;
  const base::Clock& clock_;
  Pipeline& pipeline_;
  const std::shared_ptr<Attempts> attempts_;
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_PIPELINE_SWEEPER_H_
