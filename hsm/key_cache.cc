#include "hsm/key_cache.h"

namespace countersign::hsm {

namespace {

// Which tokens hold it besides is of no meaning to this one.
bool Same(const core::KeyRef& a, const core::KeyRef& b) {
  return a.key_id == b.key_id && a.label == b.label && a.type == b.type &&
         a.spki == b.spki;
}

}  // namespace

std::optional<CK_OBJECT_HANDLE> KeyCache::Find(const core::KeyRef& key,
                                               uint64_t epoch) const {
  base::MutexLock lock(mutex_);
  const auto found = entries_.find({key.key_id, key.label});
  if (found == entries_.end()) return std::nullopt;
  const Entry& entry = found->second;
  if (entry.epoch != epoch || !Same(entry.key, key)) return std::nullopt;
  return entry.handle;
}

void KeyCache::Put(const core::KeyRef& key, uint64_t epoch,
                   CK_OBJECT_HANDLE handle) {
  base::MutexLock lock(mutex_);
  Entry& entry = entries_[{key.key_id, key.label}];
  entry = {key, epoch, handle};
  entry.key.tokens.clear();
}

void KeyCache::Forget(const core::KeyRef& key, CK_OBJECT_HANDLE handle) {
  base::MutexLock lock(mutex_);
  const auto found = entries_.find({key.key_id, key.label});
  if (found != entries_.end() && found->second.handle == handle) {
    entries_.erase(found);
  }
}

}  // namespace countersign::hsm
