// A PKCS#11 module for tests that passes everything on to SoftHSM, counts the
// calls, and fails on command. This header is the command desk: the test loads
// the same library and gets at the one FaultControl in it.
#ifndef COUNTERSIGN_HSM_FAULT_MODULE_H_
#define COUNTERSIGN_HSM_FAULT_MODULE_H_

#include <p11-kit-1/p11-kit/pkcs11.h>

#include <array>
#include <atomic>
#include <cstddef>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"

namespace countersign::hsm {

enum class FaultPoint {
  kInitialize,
  kFinalize,
  kOpenSession,
  kCloseSession,
  kLogin,
  kFindObjects,
  kSignInit,
  kSign,
  kGetAttribute,
  kCount,
};

// Thread-safe.
class FaultControl {
 public:
  int calls(FaultPoint at) const { return Of(at).calls.load(); }

  // The next `times` calls answer `code` without reaching SoftHSM, after
  // `skip` that do.
  void Fail(FaultPoint at, CK_RV code, int times = 1, int skip = 0) {
    Of(at).code = code;
    Of(at).skip = skip;
    Of(at).times = times;
  }
  // One bit of the next signatures is wrong.
  void CorruptSignatures(int count) { corrupt_ = count; }
  // Added to what C_GetTokenInfo tells.
  void SetTokenFlags(CK_FLAGS flags) { flags_ = flags; }

  // C_SignInit waits, until Release.
  void Hold() {
    base::MutexLock lock(mutex_);
    held_ = true;
  }
  void Release() {
    base::MutexLock lock(mutex_);
    held_ = false;
    changed_.SignalAll();
  }
  // Waits until `threads` are held.
  void AwaitHeld(int threads) {
    base::MutexLock lock(mutex_);
    while (waiting_ < threads) changed_.Wait(mutex_);
  }
  // All as at the beginning.
  void Reset() {
    for (Point& point : points_) {
      point.calls = 0;
      point.times = 0;
      point.skip = 0;
    }
    corrupt_ = 0;
    flags_ = 0;
    Release();
  }

  // For the module itself. CKR_OK: pass the call on.
  CK_RV Enter(FaultPoint at) {
    Point& point = Of(at);
    ++point.calls;
    if (at == FaultPoint::kSignInit) WaitWhileHeld();
    if (TakeOne(point.skip)) return CKR_OK;
    return TakeOne(point.times) ? point.code.load() : CKR_OK;
  }
  bool TakeCorruption() { return TakeOne(corrupt_); }
  CK_FLAGS flags() const { return flags_; }

 private:
  struct Point {
    std::atomic<int> calls{0};
    std::atomic<int> skip{0};
    std::atomic<int> times{0};
    std::atomic<CK_RV> code{CKR_OK};
  };
  static bool TakeOne(std::atomic<int>& left) {
    int now = left.load();
    while (now > 0 && !left.compare_exchange_weak(now, now - 1)) {
    }
    return now > 0;
  }
  Point& Of(FaultPoint at) { return points_[static_cast<size_t>(at)]; }
  const Point& Of(FaultPoint at) const {
    return points_[static_cast<size_t>(at)];
  }
  void WaitWhileHeld() {
    base::MutexLock lock(mutex_);
    if (!held_) return;
    ++waiting_;
    changed_.SignalAll();
    while (held_) changed_.Wait(mutex_);
    --waiting_;
  }

  std::array<Point, static_cast<size_t>(FaultPoint::kCount)> points_;
  std::atomic<int> corrupt_{0};
  std::atomic<CK_FLAGS> flags_{0};
  base::Mutex mutex_;
  base::CondVar changed_;
  bool held_ ABSL_GUARDED_BY(mutex_) = false;
  int waiting_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_FAULT_MODULE_H_
