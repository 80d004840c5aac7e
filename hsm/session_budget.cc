#include "hsm/session_budget.h"

#include <algorithm>

namespace countersign::hsm {
namespace {

// Until room is looked for again: where there are some, and where there is
// none.
constexpr absl::Duration kPause = absl::Minutes(1);
constexpr absl::Duration kPauseWithNone = absl::Seconds(1);

}  // namespace

void SessionBudget::SetTokenLimit(unsigned long max_sessions) {
  int limit = wanted_;
  if (max_sessions != 0 && max_sessions < static_cast<unsigned>(wanted_) + 2) {
    limit = std::max(1, static_cast<int>(max_sessions) - 2);
  }
  base::MutexLock lock(mutex_);
  if (limit == limit_) return;
  limit_ = limit;
  room_ = limit;
  again_at_.reset();
}

bool SessionBudget::Reserve(absl::Duration now) {
  base::MutexLock lock(mutex_);
  if (again_at_.has_value() && now >= *again_at_) {
    again_at_.reset();
    room_ = limit_;
  }
  if (reserved_ >= room_) return false;
  ++reserved_;
  return true;
}

void SessionBudget::Opened() {
  base::MutexLock lock(mutex_);
  if (reserved_ == limit_) scarce_ = false;
}

void SessionBudget::Release() {
  base::MutexLock lock(mutex_);
  --reserved_;
}

bool SessionBudget::ReleaseForWant(absl::Duration now) {
  base::MutexLock lock(mutex_);
  --reserved_;
  room_ = std::max(reserved_, 0);
  again_at_ = now + (room_ == 0 ? kPauseWithNone : kPause);
  const bool news = !scarce_;
  scarce_ = true;
  return news;
}

int SessionBudget::reserved() const {
  base::MutexLock lock(mutex_);
  return reserved_;
}

bool SessionBudget::none() const {
  base::MutexLock lock(mutex_);
  return room_ == 0;
}

}  // namespace countersign::hsm
