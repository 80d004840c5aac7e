#include "client/token/token_cache.h"

namespace countersign::client {
namespace {

// A call and its way to the server fit in.
constexpr absl::Duration kMargin = absl::Seconds(30);

BearerToken Copy(const BearerToken& token) {
  return {base::SecretBytes(token.value.DangerouslyExpose()),
          token.expire_time};
}

}  // namespace

std::optional<BearerToken> TokenCache::Find(absl::Time now) const {
  base::MutexLock lock(mutex_);
  if (token_.value.empty() || now + kMargin >= token_.expire_time) {
    return std::nullopt;
  }
  return Copy(token_);
}

void TokenCache::Put(const BearerToken& token) {
  base::MutexLock lock(mutex_);
  token_ = Copy(token);
}

}  // namespace countersign::client
