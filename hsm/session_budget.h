// How many signing sessions a token may have at the moment: as many as are
// configured, fewer once it said that it has no room. Opens none.
#ifndef COUNTERSIGN_HSM_SESSION_BUDGET_H_
#define COUNTERSIGN_HSM_SESSION_BUDGET_H_

#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "base/mutex.h"

namespace countersign::hsm {

// Thread-safe. `now` is steady time.
class SessionBudget {
 public:
  explicit SessionBudget(int wanted)
      : wanted_(wanted), limit_(wanted), room_(wanted) {}

  // The token's own figure (CK_TOKEN_INFO.ulMaxSessionCount), 0 for unknown:
  // one is left to the session that stays and one to work on keys, but at least
  // one signs.
  void SetTokenLimit(unsigned long max_sessions) ABSL_LOCKS_EXCLUDED(mutex_);

  // One of them; false where all are given away.
  bool Reserve(absl::Duration now) ABSL_LOCKS_EXCLUDED(mutex_);
  void Release() ABSL_LOCKS_EXCLUDED(mutex_);
  // One that was reserved was opened.
  void Opened() ABSL_LOCKS_EXCLUDED(mutex_);
  // The token has no room for one that was reserved: it is released, and no
  // more are given than there are, for a while. True where that is news.
  bool ReleaseForWant(absl::Duration now) ABSL_LOCKS_EXCLUDED(mutex_);

  // Reserved at the moment.
  int reserved() const ABSL_LOCKS_EXCLUDED(mutex_);
  // The token has not even room for one.
  bool none() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  const int wanted_;
  mutable base::Mutex mutex_;
  int limit_ ABSL_GUARDED_BY(mutex_);
  int room_ ABSL_GUARDED_BY(mutex_);
  int reserved_ ABSL_GUARDED_BY(mutex_) = 0;
  bool scarce_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<absl::Duration> again_at_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_SESSION_BUDGET_H_
