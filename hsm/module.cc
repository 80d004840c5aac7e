#include "hsm/module.h"

#include <dlfcn.h>
#include <unistd.h>

#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "base/clock.h"
#include "base/status_macros.h"
#include "hsm/errors.h"
#include "hsm/expendable_thread.h"
#include "hsm/module_turn.h"
#include "hsm/return_code.h"

namespace countersign::hsm {
namespace {

// How long the end waits for threads inside, and then for C_Finalize.
constexpr absl::Duration kShutdownPatience = absl::Seconds(5);
// Load has nobody who would come back later.
constexpr absl::Duration kLoadPatience = absl::Seconds(30);

absl::StatusOr<const CK_FUNCTION_LIST*> GetFunctions(void* library,
                                                     const std::string& path) {
  const auto get = reinterpret_cast<CK_C_GetFunctionList>(
      dlsym(library, "C_GetFunctionList"));
  if (get == nullptr) {
    return error::NotAModule(path, "it has no C_GetFunctionList");
  }
  CK_FUNCTION_LIST* functions = nullptr;
  RETURN_IF_ERROR(ReturnCodeStatus(get(&functions), "C_GetFunctionList"));
  if (functions == nullptr || functions->version.major < 2) {
    return error::NotAModule(path, "it is older than PKCS#11 2");
  }
  return functions;
}

}  // namespace

Module::Entry::Entry(Entry&& other) noexcept
    : module_(std::exchange(other.module_, nullptr)), epoch_(other.epoch_) {}

Module::Entry::~Entry() {
  if (module_ != nullptr) module_->Leave();
}

Module::Module(std::string path, std::string init_args)
    : path_(std::move(path)), init_args_(std::move(init_args)) {}

absl::StatusOr<std::shared_ptr<Module>> Module::Load(
    const std::string& path, const std::string& init_args) {
  auto module = std::make_shared<Module>(path, init_args);
  RETURN_IF_ERROR(module->Start(kLoadPatience));
  return module;
}

Module::~Module() { Shutdown(); }

absl::Status Module::Claim(absl::Duration patience) {
  const absl::Duration until = base::SteadyNow() + patience;
  base::MutexLock lock(mutex_);
  while (claimed_) {
    const absl::Duration rest = until - base::SteadyNow();
    if (rest <= absl::ZeroDuration()) return error::ModuleClosed();
    changed_.WaitFor(mutex_, rest);
  }
  if (shut_down_) return error::ModuleClosed();
  claimed_ = true;
  return absl::OkStatus();
}

void Module::Unclaim() {
  base::MutexLock lock(mutex_);
  claimed_ = false;
  changed_.SignalAll();
}

absl::Status Module::Start(absl::Duration patience) {
  if (open_) return absl::OkStatus();
  RETURN_IF_ERROR(Claim(patience));
  const absl::Cleanup unclaim = [this] { Unclaim(); };
  RETURN_IF_ERROR(LoadLibrary());
  if (initialised_) return absl::OkStatus();
  const ModuleTurn turn;
  return Initialise();
}

absl::Status Module::LoadLibrary() {
  if (functions_ != nullptr) return absl::OkStatus();
  if (!absl::StartsWith(path_, "/")) {
    return error::BadOptions("the path of the PKCS#11 module must be absolute");
  }
  if (access(path_.c_str(), R_OK) != 0) return error::ModuleNotFound(path_);
  // NODELETE: threads, exit handlers and thread-local destructors of a module
  // outlive C_Finalize in several products, so its code stays mapped.
  if (library_ == nullptr) {
    library_ = dlopen(path_.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  }
  if (library_ == nullptr) return error::NotAModule(path_, dlerror());
  ASSIGN_OR_RETURN(functions_, GetFunctions(library_, path_));
  return absl::OkStatus();
}

absl::Status Module::Initialise() {
  CK_C_INITIALIZE_ARGS args = {};
  // Without it a module need not be safe for threads (PKCS#11 2.40 5.4).
  args.flags = CKF_OS_LOCKING_OK;
  // Not const in the standard, and some modules cut it up in place.
  std::string reserved = init_args_;
  if (!reserved.empty()) args.pReserved = reserved.data();
  const CK_RV code = functions_->C_Initialize(&args);
  if (code == CKR_OK) owner_ = true;
  if (code != CKR_CRYPTOKI_ALREADY_INITIALIZED) {
    RETURN_IF_ERROR(ReturnCodeStatus(code, "C_Initialize"));
  }
  initialised_ = true;
  ++epoch_;
  base::MutexLock lock(mutex_);
  if (!shut_down_) open_ = true;
  return absl::OkStatus();
}

absl::StatusOr<Module::Entry> Module::Enter() {
  inside_.fetch_add(1);
  if (!open_.load()) {
    Leave();
    return error::ModuleClosed();
  }
  return Entry(this, epoch_.load());
}

void Module::Leave() {
  if (inside_.fetch_sub(1) != 1 || open_.load()) return;
  base::MutexLock lock(mutex_);
  changed_.SignalAll();
}

bool Module::CloseGate(absl::Duration patience) {
  const absl::Duration until = base::SteadyNow() + patience;
  base::MutexLock lock(mutex_);
  open_ = false;
  while (inside_.load() > 0) {
    const absl::Duration rest = until - base::SteadyNow();
    if (rest <= absl::ZeroDuration() || stuck_ > 0) return false;
    changed_.WaitFor(mutex_, rest);
  }
  return true;
}

absl::Status Module::Restart(uint64_t epoch, absl::Duration patience,
                             absl::Duration min_pause) {
  RETURN_IF_ERROR(Claim(absl::ZeroDuration()));
  const absl::Cleanup unclaim = [this] { Unclaim(); };
  if (initialised_ && epoch_ != epoch) return absl::OkStatus();
  RETURN_IF_ERROR(LoadLibrary());
  if (!initialised_) {
    const ModuleTurn turn;
    return Initialise();
  }
  if (!owner_) return error::ModuleNotOurs();
  const absl::Duration now = base::SteadyNow();
  if (last_restart_.has_value() && now - *last_restart_ < min_pause) {
    return error::ModuleClosed();
  }
  if (stuck_ > 0) return error::ModuleStuck();
  if (!CloseGate(patience)) {
    // The gate opens again: what is inside may come back, and finalising under
    // it would end the process.
    base::MutexLock lock(mutex_);
    open_ = !shut_down_;
    return error::ModuleStuck();
  }
  last_restart_ = now;
  const ModuleTurn turn;
  // Not checked: a module that lost its device may fail here, and what counts
  // is whether it can be initialised.
  functions_->C_Finalize(nullptr);
  initialised_ = false;
  return Initialise();
}

void Module::Shutdown() {
  {
    base::MutexLock lock(mutex_);
    if (std::exchange(shut_down_, true)) return;
    // Who starts it just now is a call that may not come back.
    if (claimed_) return;
  }
  if (!CloseGate(kShutdownPatience) || !initialised_ || !owner_) return;
  CallWithin<CK_RV>(kShutdownPatience, "hsm-finalize",
                    [functions = functions_] {
                      const ModuleTurn turn;
                      return functions->C_Finalize(nullptr);
                    })
      .status()
      .IgnoreError();
}

}  // namespace countersign::hsm
