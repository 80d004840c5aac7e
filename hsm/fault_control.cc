#include "hsm/fault_control.h"

#include "base/clock.h"

namespace countersign::hsm {
namespace {

// Counts down, and never from kAll.
bool Take(int& left) {
  if (left == 0) return false;
  if (left != FaultControl::kAll) --left;
  return true;
}

}  // namespace

void FaultControl::Fail(FaultPoint at, CK_RV code, int times, int skip) {
  base::MutexLock lock(mutex_);
  Point& point = OfLocked(at);
  point.code = code;
  point.skip = skip;
  point.failures = times;
}

void FaultControl::Delay(FaultPoint at, absl::Duration each) {
  base::MutexLock lock(mutex_);
  OfLocked(at).delay = each;
}

void FaultControl::Hold(FaultPoint at, int times) {
  base::MutexLock lock(mutex_);
  OfLocked(at).holds = times;
}

void FaultControl::Release() {
  base::MutexLock lock(mutex_);
  for (Point& point : points_) point.holds = 0;
  ++releases_;
  changed_.SignalAll();
}

void FaultControl::CorruptSignatures(int count) {
  base::MutexLock lock(mutex_);
  corrupt_ = count;
}

void FaultControl::Pretend(const Pretence& pretence) {
  base::MutexLock lock(mutex_);
  pretence_ = pretence;
}

void FaultControl::SetTokenFlags(CK_FLAGS flags) {
  base::MutexLock lock(mutex_);
  pretence_.token_flags = flags;
}

void FaultControl::Reset() {
  base::MutexLock lock(mutex_);
  points_.fill(Point());
  pretence_ = Pretence();
  corrupt_ = 0;
  finalised_inside_ = 0;
  ++releases_;
  changed_.SignalAll();
}

void FaultControl::AwaitHeld(int calls) {
  base::MutexLock lock(mutex_);
  while (hanging_ < calls) changed_.Wait(mutex_);
}

void FaultControl::AwaitCalls(FaultPoint point, int calls) {
  base::MutexLock lock(mutex_);
  while (OfLocked(point).calls < calls) changed_.Wait(mutex_);
}

int FaultControl::calls(FaultPoint at) const {
  base::MutexLock lock(mutex_);
  return points_[static_cast<size_t>(at)].calls;
}

int FaultControl::open_sessions() const {
  base::MutexLock lock(mutex_);
  return open_sessions_;
}

int FaultControl::finalised_with_a_thread_inside() const {
  base::MutexLock lock(mutex_);
  return finalised_inside_;
}

CK_RV FaultControl::Enter(FaultPoint at) {
  absl::Duration delay;
  CK_RV code = CKR_OK;
  {
    base::MutexLock lock(mutex_);
    Point& point = OfLocked(at);
    ++point.calls;
    changed_.SignalAll();
    if (at == FaultPoint::kFinalize && inside_ > 0) ++finalised_inside_;
    ++inside_;
    if (Take(point.holds)) HangLocked();
    delay = point.delay;
    if (!Take(point.skip) && Take(point.failures)) code = point.code;
  }
  if (delay > absl::ZeroDuration()) base::SleepFor(delay);
  return code;
}

void FaultControl::HangLocked() {
  const uint64_t releases = releases_;
  ++hanging_;
  changed_.SignalAll();
  while (releases_ == releases) changed_.Wait(mutex_);
  --hanging_;
}

void FaultControl::Leave() {
  base::MutexLock lock(mutex_);
  --inside_;
}

bool FaultControl::TakeCorruption() {
  base::MutexLock lock(mutex_);
  return Take(corrupt_);
}

Pretence FaultControl::pretence() const {
  base::MutexLock lock(mutex_);
  return pretence_;
}

bool FaultControl::TakeSession() {
  base::MutexLock lock(mutex_);
  if (pretence_.session_limit.has_value() &&
      open_sessions_ >= *pretence_.session_limit) {
    return false;
  }
  ++open_sessions_;
  return true;
}

void FaultControl::DropSession() {
  base::MutexLock lock(mutex_);
  --open_sessions_;
}

void FaultControl::DropAllSessions() {
  base::MutexLock lock(mutex_);
  open_sessions_ = 0;
}

}  // namespace countersign::hsm
