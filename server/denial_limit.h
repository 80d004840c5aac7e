// How many refusals of people whom nobody knows are recorded one by one. A leaf
// is for ever, and whoever reaches the port can be refused as often as they
// like: beyond a burst and a rate they are only counted, and the next leaf
// tells how many there were. A token bucket; front_desk.h asks it.
#ifndef COUNTERSIGN_SERVER_DENIAL_LIMIT_H_
#define COUNTERSIGN_SERVER_DENIAL_LIMIT_H_

#include <cstdint>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "base/mutex.h"

namespace countersign::server {

// Thread-safe.
class DenialLimit {
 public:
  struct Options {
    int burst = 10;                            // at once, after a quiet time
    absl::Duration refill = absl::Seconds(1);  // one more, up to `burst`
  };

  explicit DenialLimit(const Options& options);

  // Whether the refusal of `now` is recorded: then how many were not since the
  // last that was. nullopt: it is counted.
  std::optional<int64_t> Take(absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_);

  // So many that should have been recorded were not, as the record failed: the
  // next leaf tells them too.
  void Return(int64_t count) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  const Options options_;
  base::Mutex mutex_;
  double room_ ABSL_GUARDED_BY(mutex_);
  absl::Time last_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  int64_t left_out_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_DENIAL_LIMIT_H_
