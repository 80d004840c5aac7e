#include "server/pipeline/watch_hub.h"

#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "core/errors.h"

namespace countersign::server {

absl::StatusOr<WatchHub::Ticket> WatchHub::Subscribe(const std::string& request,
                                                     Listener listener) {
  base::MutexLock lock(mutex_);
  if (closed_ || count_ >= max_watches_) {
    return core::error::Overloaded(absl::Seconds(5));
  }
  Ticket ticket{request, next_id_++};
  by_request_[request].emplace(ticket.id, std::move(listener));
  ++count_;
  return ticket;
}

void WatchHub::Unsubscribe(const Ticket& ticket) {
  Listener dropped;  // dies outside the lock: it may own the last of a call
  base::MutexLock lock(mutex_);
  const auto found = by_request_.find(ticket.request);
  if (found == by_request_.end()) return;
  const auto listener = found->second.find(ticket.id);
  if (listener == found->second.end()) return;
  dropped = std::move(listener->second);
  found->second.erase(listener);
  if (found->second.empty()) by_request_.erase(found);
  --count_;
}

bool WatchHub::IsWatched(const std::string& request) const {
  base::MutexLock lock(mutex_);
  return by_request_.contains(request);
}

void WatchHub::Notify(const RequestSnapshot& request) {
  std::vector<Listener> listeners;
  {
    base::MutexLock lock(mutex_);
    const auto found = by_request_.find(request->name.Format());
    if (found == by_request_.end()) return;
    for (const auto& entry : found->second) listeners.push_back(entry.second);
  }
  for (const Listener& listener : listeners) listener(request);
}

void WatchHub::Close() {
  absl::flat_hash_map<std::string, Listeners> all;
  {
    base::MutexLock lock(mutex_);
    closed_ = true;
    count_ = 0;
    all.swap(by_request_);
  }
  for (const auto& entry : all) {
    for (const auto& listener : entry.second) listener.second(nullptr);
  }
}

size_t WatchHub::size() const {
  base::MutexLock lock(mutex_);
  return count_;
}

}  // namespace countersign::server
