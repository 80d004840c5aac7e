// The command desk of the fault module (fault_module.cc): what it shall fail
// at, tell wrongly, or hang in, and what it has seen. A test reaches the one in
// the module with fault_desk.h.
#ifndef COUNTERSIGN_HSM_FAULT_CONTROL_H_
#define COUNTERSIGN_HSM_FAULT_CONTROL_H_

#include <p11-kit-1/p11-kit/pkcs11.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "base/mutex.h"

namespace countersign::hsm {

enum class FaultPoint {
  kInitialize,
  kFinalize,
  kGetSlotList,
  kGetTokenInfo,
  kGetMechanismInfo,
  kOpenSession,
  kCloseSession,
  kGetSessionInfo,
  kLogin,
  kFindObjects,  // C_FindObjectsInit
  kGetAttribute,
  kGenerateKeyPair,
  kDestroyObject,
  kSignInit,
  kSign,
  kOther,  // whatever else is passed on
  kCount,
};

// What the module tells otherwise than SoftHSM.
struct Pretence {
  enum class Found { kAsTheyAre, kNone, kDoubled };

  bool no_token = false;     // no slot holds one
  CK_FLAGS token_flags = 0;  // added to CK_TOKEN_INFO.flags
  // CK_TOKEN_INFO.ulMaxSessionCount and ulMaxRwSessionCount.
  std::optional<CK_ULONG> max_sessions;
  // Open sessions after which C_OpenSession answers CKR_SESSION_COUNT.
  std::optional<int> session_limit;
  std::set<CK_MECHANISM_TYPE> absent_mechanisms;
  // Of every object; nullopt: CKR_ATTRIBUTE_TYPE_INVALID.
  std::map<CK_ATTRIBUTE_TYPE, std::optional<bool>> attributes;
  Found found = Found::kAsTheyAre;
};

// Thread-safe.
class FaultControl {
 public:
  static constexpr int kAll = -1;

  // The next `times` calls answer `code` without reaching SoftHSM, after
  // `skip` that do.
  void Fail(FaultPoint at, CK_RV code, int times = 1, int skip = 0);
  // Each call takes that much longer.
  void Delay(FaultPoint at, absl::Duration each);
  // The next `times` calls hang, until Release or the end of the process.
  void Hold(FaultPoint at = FaultPoint::kSignInit, int times = kAll);
  void Release();
  // One bit of the next signatures is wrong.
  void CorruptSignatures(int count);
  void Pretend(const Pretence& pretence);
  void SetTokenFlags(CK_FLAGS flags);
  // All as at the beginning; what hangs goes on.
  void Reset();

  // Blocks until that many calls hang.
  void AwaitHeld(int calls);
  // Blocks until `point` was called that often since the beginning.
  void AwaitCalls(FaultPoint point, int calls);
  int calls(FaultPoint at) const;
  int open_sessions() const;
  // C_Finalize while another thread was inside, which crashes most modules.
  int finalised_with_a_thread_inside() const;

  // For the module. Enter: CKR_OK is to pass the call on; Leave follows always.
  CK_RV Enter(FaultPoint at);
  void Leave();
  bool TakeCorruption();
  Pretence pretence() const;
  // False where there is no room; counts the session otherwise.
  bool TakeSession();
  // After C_CloseSession, and after C_Finalize for all of them.
  void DropSession();
  void DropAllSessions();

 private:
  struct Point {
    int calls = 0;
    int skip = 0;
    int failures = 0;
    int holds = 0;
    CK_RV code = CKR_OK;
    absl::Duration delay;
  };
  Point& OfLocked(FaultPoint at) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return points_[static_cast<size_t>(at)];
  }
  void HangLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable base::Mutex mutex_;
  base::CondVar changed_;
  std::array<Point, static_cast<size_t>(FaultPoint::kCount)> points_
      ABSL_GUARDED_BY(mutex_);
  Pretence pretence_ ABSL_GUARDED_BY(mutex_);
  int corrupt_ ABSL_GUARDED_BY(mutex_) = 0;
  int inside_ ABSL_GUARDED_BY(mutex_) = 0;
  int hanging_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t releases_ ABSL_GUARDED_BY(mutex_) = 0;
  int open_sessions_ ABSL_GUARDED_BY(mutex_) = 0;
  int finalised_inside_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_FAULT_CONTROL_H_
