// Brings recorded leaves into the Merkle tree, a little after they were
// recorded, so that signing never waits for it. Called by a timer of app.cc.
#ifndef COUNTERSIGN_SERVER_PIPELINE_INTEGRATION_H_
#define COUNTERSIGN_SERVER_PIPELINE_INTEGRATION_H_

#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "audit/integrator.h"
#include "server/pipeline/pipeline.h"

namespace countersign::server {

// Single-thread. `pipeline` must outlive it.
class Integration {
 public:
  Integration(audit::Integrator integrator, Pipeline& pipeline)
      : integrator_(std::move(integrator)), pipeline_(pipeline) {}

  // Until every leaf of this moment is in the tree. Blocks on the store. A
  // failure is logged, at most once a minute while it lasts, and tried again
  // by the next tick: signing goes on, the record is durable without the tree.
  void Tick();

  const audit::Integrator& integrator() const { return integrator_; }

 private:
  absl::Status CatchUp();

  audit::Integrator integrator_;
  Pipeline& pipeline_;
  uint64_t size_ = 0;  // of the last update
  absl::Duration last_complaint_ = -absl::InfiniteDuration();
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_PIPELINE_INTEGRATION_H_
