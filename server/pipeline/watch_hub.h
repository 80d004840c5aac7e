// Who wants to hear of a signing request's changes. A watch is an entry in a
// map, not a thread: a thousand pipelines that wait for people cost memory
// only. The pipeline tells it of each durable change; server/async_watch.h
// listens.
#ifndef COUNTERSIGN_SERVER_PIPELINE_WATCH_HUB_H_
#define COUNTERSIGN_SERVER_PIPELINE_WATCH_HUB_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "core/signing_request.h"

namespace countersign::server {

using RequestSnapshot = std::shared_ptr<const core::SigningRequest>;

// Thread-safe. Listeners are called without a lock, one change at a time in the
// order of Notify when there is one notifier (the finisher).
class WatchHub {
 public:
  // Gets each change, or nullptr once when the server stops. A call may still
  // be under way when Unsubscribe returns: it must own what it touches.
  using Listener = std::function<void(RequestSnapshot)>;
  struct Ticket {
    std::string request;
    uint64_t id = 0;
  };

  explicit WatchHub(size_t max_watches) : max_watches_(max_watches) {}

  // RESOURCE_EXHAUSTED OVERLOADED where max_watches are open or the hub is
  // closed.
  absl::StatusOr<Ticket> Subscribe(const std::string& request,
                                   Listener listener)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Harmless where it is not there.
  void Unsubscribe(const Ticket& ticket) ABSL_LOCKS_EXCLUDED(mutex_);

  // Whether somebody would hear of it.
  bool IsWatched(const std::string& request) const ABSL_LOCKS_EXCLUDED(mutex_);
  void Notify(const RequestSnapshot& request) ABSL_LOCKS_EXCLUDED(mutex_);

  // Ends every watch and takes no more.
  void Close() ABSL_LOCKS_EXCLUDED(mutex_);

  size_t size() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  using Listeners = absl::flat_hash_map<uint64_t, Listener>;

  const size_t max_watches_;
  mutable base::Mutex mutex_;
  absl::flat_hash_map<std::string, Listeners> by_request_
      ABSL_GUARDED_BY(mutex_);
  size_t count_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t next_id_ ABSL_GUARDED_BY(mutex_) = 1;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_PIPELINE_WATCH_HUB_H_
