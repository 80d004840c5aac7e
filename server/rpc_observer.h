// Port: what the handlers tell about calls. Implemented by server/metrics.
#ifndef COUNTERSIGN_SERVER_RPC_OBSERVER_H_
#define COUNTERSIGN_SERVER_RPC_OBSERVER_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace countersign::server {

// Thread-safe; must not block.
class RpcObserver {
 public:
  virtual ~RpcObserver() = default;
  // `method` is one of the contract's names: a closed set.
  virtual void OnRpc(absl::string_view method, absl::StatusCode code,
                     absl::Duration took) = 0;
  // A call's credentials were judged. `credential` is "certificate", "token",
  // "both" or "none", `result` "ok" or the refusal's reason: closed sets.
  virtual void OnAuthentication(absl::string_view credential,
                                absl::string_view result) = 0;
  // A refusal of somebody unknown that was only counted (denial_limit.h).
  virtual void OnUnrecordedDenial() = 0;
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_RPC_OBSERVER_H_
