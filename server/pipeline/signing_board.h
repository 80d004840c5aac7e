// Jobs that are with the signer. The signer's callbacks hold the board, not the
// pipeline: an answer that comes after the server gave up waiting meets an
// empty board and is dropped.
#ifndef COUNTERSIGN_SERVER_PIPELINE_SIGNING_BOARD_H_
#define COUNTERSIGN_SERVER_PIPELINE_SIGNING_BOARD_H_

#include <cstdint>
#include <functional>

#include "absl/container/flat_hash_map.h"
#include "base/mutex.h"
#include "core/signer.h"

namespace countersign::server {

// Thread-safe.
class SigningBoard {
 public:
  using Done = std::function<void(core::SignResult)>;

  // A number for the job, or 0 where the board is closed and `done` was not
  // taken.
  uint64_t Add(Done done) ABSL_LOCKS_EXCLUDED(mutex_);
  // Calls the job's `done`, once; nothing where it is gone.
  void Complete(uint64_t job, core::SignResult result)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Completes all that is there with `why` and takes no more.
  void Close(const absl::Status& why) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  base::Mutex mutex_;
  absl::flat_hash_map<uint64_t, Done> jobs_ ABSL_GUARDED_BY(mutex_);
  uint64_t next_ ABSL_GUARDED_BY(mutex_) = 1;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_PIPELINE_SIGNING_BOARD_H_
