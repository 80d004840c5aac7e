#include "hsm/key_cache.h"

namespace countersign::hsm {

std::optional<CK_OBJECT_HANDLE> KeyCache::Find(const core::KeyRef& key,
                                               uint64_t epoch) const {
  base::MutexLock lock(mutex_);
  const auto found = entries_.find({key.key_id, key.label});
  if (found == entries_.end()) return std::nullopt;
  const Entry& entry = found->second;
  if (entry.epoch != epoch || !(entry.key == key)) return std::nullopt;
  return entry.handle;
}

void KeyCache::Put(const core::KeyRef& key, uint64_t epoch,
                   CK_OBJECT_HANDLE handle) {
  base::MutexLock lock(mutex_);
  entries_[{key.key_id, key.label}] = {key, epoch, handle};
}

void KeyCache::Forget(const core::KeyRef& key, CK_OBJECT_HANDLE handle) {
  base::MutexLock lock(mutex_);
  const auto found = entries_.find({key.key_id, key.label});
  if (found != entries_.end() && found->second.handle == handle) {
    entries_.erase(found);
  }
}

}  // namespace countersign::hsm
