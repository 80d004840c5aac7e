#include "server/denial_limit.h"

#include <algorithm>
#include <utility>

namespace countersign::server {

DenialLimit::DenialLimit(const Options& options)
    : options_(options), room_(options.burst) {}

std::optional<int64_t> DenialLimit::Take(absl::Time now) {
  base::MutexLock lock(mutex_);
  // A clock that was set back refills nothing, and starts from where it is.
  if (now > last_ && last_ != absl::InfinitePast()) {
    room_ = std::min<double>(
        options_.burst,
        room_ + absl::FDivDuration(now - last_, options_.refill));
  }
  last_ = now;
  if (room_ < 1) {
    ++left_out_;
    return std::nullopt;
  }
  room_ -= 1;
  return std::exchange(left_out_, 0);
}

void DenialLimit::Return(int64_t count) {
  base::MutexLock lock(mutex_);
  left_out_ += count;
}

}  // namespace countersign::server
