// Handles of private keys in one token that were found and compared with their
// pinned public keys: once for each process and epoch of the module. Handles
// hold in every session of the process (PKCS#11 2.40 5.7). Asks the module
// nothing.
#ifndef COUNTERSIGN_HSM_KEY_CACHE_H_
#define COUNTERSIGN_HSM_KEY_CACHE_H_

#include <p11-kit-1/p11-kit/pkcs11.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "core/signer.h"

namespace countersign::hsm {

// Thread-safe. The lock is held for a look into the map, never for a call.
class KeyCache {
 public:
  // The handle of exactly this key (public key and type too, but not the other
  // tokens that hold it), where it was found in this epoch.
  std::optional<CK_OBJECT_HANDLE> Find(const core::KeyRef& key,
                                       uint64_t epoch) const
      ABSL_LOCKS_EXCLUDED(mutex_);

  void Put(const core::KeyRef& key, uint64_t epoch, CK_OBJECT_HANDLE handle)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // After the module refused `handle`; one that was found again since stays.
  void Forget(const core::KeyRef& key, CK_OBJECT_HANDLE handle)
      ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Entry {
    core::KeyRef key;
    uint64_t epoch = 0;
    CK_OBJECT_HANDLE handle = CK_INVALID_HANDLE;
  };
  using IdAndLabel = std::pair<std::string, std::string>;

  mutable base::Mutex mutex_;
  std::map<IdAndLabel, Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_KEY_CACHE_H_
