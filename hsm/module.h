// A PKCS#11 module: loaded, initialised, and guarded by a gate, so that it is
// never finalised while a thread is inside (which crashes three of the four
// modules that were tried). Knows nothing of tokens or keys. Called by
// connection.*, token.*, session.* and slot.*; only these hold an Entry.
#ifndef COUNTERSIGN_HSM_MODULE_H_
#define COUNTERSIGN_HSM_MODULE_H_

#include <p11-kit-1/p11-kit/pkcs11.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
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

  // Touches nothing yet. `path` is absolute; `init_args` become pReserved of
  // C_Initialize (PKCS#11 2.40 3.7), null where they are empty.
  Module(std::string path, std::string init_args);
  // Such a one, started. Blocks.
  static absl::StatusOr<std::shared_ptr<Module>> Load(
      const std::string& path, const std::string& init_args = "");
  // As Shutdown.
  ~Module();
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  // Loads the library and initialises it, where that is not done yet. Blocks:
  // some modules go to the network here. Waits at most `patience` for another
  // thread that is at it. Errors: BAD_SIGNER_OPTIONS, NOT_FOUND
  // MODULE_NOT_FOUND, INVALID_ARGUMENT NOT_A_MODULE, UNAVAILABLE
  // MODULE_CLOSED, or what C_Initialize says.
  absl::Status Start(absl::Duration patience) ABSL_LOCKS_EXCLUDED(mutex_);

  // C_Finalize and C_Initialize: the only cure for a module that lost its
  // device. OK at once where it happened since `epoch`. New entries are
  // refused, those inside are waited for at most `patience`. Blocks. Errors:
  // UNAVAILABLE MODULE_STUCK where someone stays inside, MODULE_CLOSED where
  // another thread is at it or the last time is less than `min_pause` ago;
  // FAILED_PRECONDITION MODULE_NOT_OURS where others initialised the module;
  // those of Start.
  absl::Status Restart(uint64_t epoch, absl::Duration patience,
                       absl::Duration min_pause = absl::ZeroDuration())
      ABSL_LOCKS_EXCLUDED(mutex_);

  // UNAVAILABLE while the module is not initialised.
  absl::StatusOr<Entry> Enter();
  // Of the present initialisation; 0 before the first.
  uint64_t epoch() const { return epoch_.load(); }

  // Finalises it where nobody is inside, within a few seconds, and only where
  // the module was initialised here. Nobody gets in any more. Blocks as long.
  void Shutdown() ABSL_LOCKS_EXCLUDED(mutex_);

  // Calls that do not come back: while there are any, nothing waits for them.
  void CountStuck(int change) { stuck_ += change; }
  // Tokens that work: a restart would take them down.
  void CountReady(int change) { ready_ += change; }
  int ready_tokens() const { return ready_.load(); }

 private:
  // One thread at a time loads, starts and finalises.
  absl::Status Claim(absl::Duration patience) ABSL_LOCKS_EXCLUDED(mutex_);
  void Unclaim() ABSL_LOCKS_EXCLUDED(mutex_);
  // For who has claimed it.
  absl::Status LoadLibrary();
  absl::Status Initialise();
  // True where nobody is inside any more.
  bool CloseGate(absl::Duration patience) ABSL_LOCKS_EXCLUDED(mutex_);
  void Leave() ABSL_LOCKS_EXCLUDED(mutex_);

  const std::string path_;
  const std::string init_args_;

  // Written by who has claimed it while the gate is closed.
  void* library_ = nullptr;
  const CK_FUNCTION_LIST* functions_ = nullptr;
  bool initialised_ = false;
  // C_Initialize was ours; a module that others initialised is theirs to
  // finalise.
  bool owner_ = false;
  std::optional<absl::Duration> last_restart_;

  // The gate. Both sides write their own and then read the other's, in one
  // total order: either the one who enters sees it closed or the one who closes
  // sees him inside.
  std::atomic<bool> open_{false};
  std::atomic<int> inside_{0};
  std::atomic<uint64_t> epoch_{0};
  std::atomic<int> stuck_{0};
  std::atomic<int> ready_{0};

  base::Mutex mutex_;
  base::CondVar changed_;
  bool claimed_ ABSL_GUARDED_BY(mutex_) = false;
  bool shut_down_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_MODULE_H_
