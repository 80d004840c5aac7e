// Which services of this server can be used, by name: what load balancers and
// probes ask for. It finds out nothing itself: app.cc writes it with each tick,
// server/handlers/health_handler.h reads it.
#ifndef COUNTERSIGN_SERVER_HEALTH_BOARD_H_
#define COUNTERSIGN_SERVER_HEALTH_BOARD_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/mutex.h"

namespace countersign::server {

// Thread-safe.
class HealthBoard {
 public:
  enum class Status { kUnknown, kServing, kNotServing };
  struct View {
    Status status;
    bool closed;  // nothing changes any more
  };

  // `services` and "", the server as a whole, are known and serve.
  explicit HealthBoard(const std::vector<std::string>& services);

  // Does nothing for a service that is not known, and after Close.
  void Set(absl::string_view service, bool serving) ABSL_LOCKS_EXCLUDED(mutex_);

  // A service that comes with a new configuration, not serving yet, and one
  // that goes with it. Nothing happens after Close.
  void Know(absl::string_view service) ABSL_LOCKS_EXCLUDED(mutex_);
  void Forget(absl::string_view service) ABSL_LOCKS_EXCLUDED(mutex_);

  View Look(absl::string_view service) const ABSL_LOCKS_EXCLUDED(mutex_);
  // Blocks to `at_most` while the service is as `seen`; may come back earlier
  // with the same. What was changed and changed back meanwhile is not told.
  View Wait(absl::string_view service, Status seen, absl::Duration at_most)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // The server stops: nothing serves, for good, and nobody waits.
  void Close() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  View LookLocked(absl::string_view service) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable base::Mutex mutex_;
  base::CondVar changed_;
  std::map<std::string, Status> status_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_HEALTH_BOARD_H_
