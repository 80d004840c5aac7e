// Port: what the pipeline tells about itself. Owned by the pipeline,
// implemented by server/metrics. Calls come from the writer and from callers'
// threads and must not block.
#ifndef COUNTERSIGN_SERVER_PIPELINE_OBSERVER_H_
#define COUNTERSIGN_SERVER_PIPELINE_OBSERVER_H_

#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

namespace countersign::server {

// Thread-safe.
class PipelineObserver {
 public:
  virtual ~PipelineObserver() = default;
  // One durable transaction of the store: how many change sets it held.
  virtual void OnCommit(size_t change_sets, absl::Duration took, bool ok) = 0;
  // Flows on their way, and digests that are with the signer.
  virtual void OnLoad(int64_t in_flight, int64_t digests_at_signer) = 0;
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_PIPELINE_OBSERVER_H_
