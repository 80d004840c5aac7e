// The token that a source had before, until shortly before its end: programs
// and endpoints are not asked for each call. Used by the sources of this room.
#ifndef COUNTERSIGN_CLIENT_TOKEN_TOKEN_CACHE_H_
#define COUNTERSIGN_CLIENT_TOKEN_TOKEN_CACHE_H_

#include <optional>

#include "absl/time/time.h"
#include "base/mutex.h"
#include "client/api/token_source.h"

namespace countersign::client {

// Thread-safe. Two callers at once may both find nothing and both fetch: a
// second token does no harm.
class TokenCache {
 public:
  // Nothing where there is none, or it ends within half a minute.
  std::optional<BearerToken> Find(absl::Time now) const
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Keeps a copy.
  void Put(const BearerToken& token) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  mutable base::Mutex mutex_;
  BearerToken token_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_TOKEN_TOKEN_CACHE_H_
