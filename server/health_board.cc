#include "server/health_board.h"

namespace countersign::server {

HealthBoard::HealthBoard(const std::vector<std::string>& services) {
  base::MutexLock lock(mutex_);
  status_[""] = Status::kServing;
  for (const std::string& service : services) {
    status_[service] = Status::kServing;
  }
}

void HealthBoard::Set(absl::string_view service, bool serving) {
  const Status status = serving ? Status::kServing : Status::kNotServing;
  {
    base::MutexLock lock(mutex_);
    const auto known = status_.find(std::string(service));
    if (closed_ || known == status_.end() || known->second == status) return;
    known->second = status;
  }
  changed_.SignalAll();
}

void HealthBoard::Know(absl::string_view service) {
  {
    base::MutexLock lock(mutex_);
    if (closed_) return;
    status_.emplace(service, Status::kNotServing);
  }
  changed_.SignalAll();
}

void HealthBoard::Forget(absl::string_view service) {
  {
    base::MutexLock lock(mutex_);
    if (closed_) return;
    status_.erase(std::string(service));
  }
  changed_.SignalAll();
}

HealthBoard::View HealthBoard::Look(absl::string_view service) const {
  base::MutexLock lock(mutex_);
  return LookLocked(service);
}

HealthBoard::View HealthBoard::Wait(absl::string_view service, Status seen,
                                    absl::Duration at_most) {
  base::MutexLock lock(mutex_);
  const View now = LookLocked(service);
  if (now.closed || now.status != seen) return now;
  // Once, without a loop: changes of other services must not make it longer
  // than `at_most`.
  changed_.WaitFor(mutex_, at_most);
  return LookLocked(service);
}

void HealthBoard::Close() {
  {
    base::MutexLock lock(mutex_);
    closed_ = true;
    for (auto& entry : status_) entry.second = Status::kNotServing;
  }
  changed_.SignalAll();
}

HealthBoard::View HealthBoard::LookLocked(absl::string_view service) const {
  const auto known = status_.find(std::string(service));
  return {known == status_.end() ? Status::kUnknown : known->second, closed_};
}

}  // namespace countersign::server
