// A PKCS#11 module: loaded, initialised, and guarded by a gate, so that it is
// never finalised while a thread is inside (which crashes three of the four
// modules that were tried). Knows nothing of tokens or keys. Called by
// token.*, session.* and slot.*; only these hold an Entry.
#ifndef COUNTERSIGN_HSM_MODULE_H_
#define COUNTERSIGN_HSM_MODULE_H_

#include <p11-kit-1/p11-kit/pkcs11.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/mutex.h"

namespace countersign::hsm {

// Thread-safe.
class Module {
 public:
  // The right to call into the module; the calling thread counts as inside
  // while it lives.
  class Entry {
   public:
    ~Entry();
    Entry(Entry&& other) noexcept;
    Entry& operator=(Entry&&) = delete;
    const CK_FUNCTION_LIST* operator->() const { return module_->functions_; }
    // Which initialisation this is: handles from an earlier one are void.
    uint64_t epoch() const { return epoch_; }

   private:
    friend class Module;
    Entry(Module* module, uint64_t epoch) : module_(module), epoch_(epoch) {}
    Module* module_;
    uint64_t epoch_;
  };

  // `path` is absolute. Blocks: some modules go to the network here. NOT_FOUND
  // MODULE_NOT_FOUND, INVALID_ARGUMENT NOT_A_MODULE, or what C_Initialize says.
  static absl::StatusOr<std::unique_ptr<Module>> Load(const std::string& path);
  // Waits a few seconds for threads inside; finalises only where none is left
  // and the module was initialised here.
  ~Module();
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  // UNAVAILABLE while the module is being initialised anew or is down.
  absl::StatusOr<Entry> Enter();

  // C_Finalize and C_Initialize: the only cure for a module that lost its
  // device. New entries are refused, those inside are waited for at most
  // `patience`. For one thread at a time. UNAVAILABLE where someone stays
  // inside, FAILED_PRECONDITION where the module was initialised by others.
  absl::Status Reinitialise(absl::Duration patience);

 private:
  Module(void* library, const CK_FUNCTION_LIST* functions, bool owner);

  // True where nobody is inside any more.
  bool CloseGate(absl::Duration patience) ABSL_LOCKS_EXCLUDED(mutex_);
  void Leave() ABSL_LOCKS_EXCLUDED(mutex_);

  struct Unload {
    void operator()(void* library) const;
  };
  const std::unique_ptr<void, Unload> library_;
  const CK_FUNCTION_LIST* const functions_;
  // C_Initialize was ours; a module that others initialised is theirs to
  // finalise.
  const bool owner_;

  base::Mutex mutex_;
  base::CondVar left_;
  bool open_ ABSL_GUARDED_BY(mutex_) = true;
  int inside_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t epoch_ ABSL_GUARDED_BY(mutex_) = 1;
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_MODULE_H_
