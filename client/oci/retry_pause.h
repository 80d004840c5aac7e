// The pause before something is tried again. Called by registry_session.h and
// amend_manifest.h.
#ifndef COUNTERSIGN_CLIENT_OCI_RETRY_PAUSE_H_
#define COUNTERSIGN_CLIENT_OCI_RETRY_PAUSE_H_

#include <functional>

#include "absl/time/time.h"
#include "base/random.h"

namespace countersign::client {

struct RetryPause {
  base::Random& random;  // outlives it
  std::function<void(absl::Duration)> sleep;

  // About `first`, doubled with each attempt (0, 1, ...): between half and the
  // whole of that, so that two who collided do not do it again. Blocks.
  void Wait(absl::Duration first, int attempt) const;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCI_RETRY_PAUSE_H_
