#include "hsm/module.h"

#include <dlfcn.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/match.h"
#include "base/clock.h"
#include "base/status_macros.h"
#include "hsm/errors.h"
#include "hsm/return_code.h"

namespace countersign::hsm {
namespace {

// How long a destructor waits for threads inside.
constexpr absl::Duration kShutdownPatience = absl::Seconds(5);

// True where it was this call that initialised the module.
absl::StatusOr<bool> Initialize(const CK_FUNCTION_LIST* functions) {
  CK_C_INITIALIZE_ARGS args = {};
  // Without it a module need not be safe for threads (PKCS#11 2.40 5.4).
  args.flags = CKF_OS_LOCKING_OK;
  const CK_RV code = functions->C_Initialize(&args);
  if (code == CKR_CRYPTOKI_ALREADY_INITIALIZED) return false;
  RETURN_IF_ERROR(ReturnCodeStatus(code, "C_Initialize"));
  return true;
}

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

void Module::Unload::operator()(void* library) const { dlclose(library); }

Module::Entry::Entry(Entry&& other) noexcept
    : module_(std::exchange(other.module_, nullptr)), epoch_(other.epoch_) {}

Module::Entry::~Entry() {
  if (module_ != nullptr) module_->Leave();
}

absl::StatusOr<std::unique_ptr<Module>> Module::Load(const std::string& path) {
  if (!absl::StartsWith(path, "/")) {
    return error::BadOptions("the path of the PKCS#11 module must be absolute");
  }
  if (access(path.c_str(), R_OK) != 0) return error::ModuleNotFound(path);
  // NODELETE: threads, exit handlers and thread-local destructors of a module
  // outlive C_Finalize in several products, so its code stays mapped.
  std::unique_ptr<void, Unload> library(
      dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE));
  if (library == nullptr) return error::NotAModule(path, dlerror());
  ASSIGN_OR_RETURN(const CK_FUNCTION_LIST* functions,
                   GetFunctions(library.get(), path));
  ASSIGN_OR_RETURN(const bool owner, Initialize(functions));
  return std::unique_ptr<Module>(
      new Module(library.release(), functions, owner));
}

Module::Module(void* library, const CK_FUNCTION_LIST* functions, bool owner)
    : library_(library), functions_(functions), owner_(owner) {}

Module::~Module() {
  if (CloseGate(kShutdownPatience) && owner_) functions_->C_Finalize(nullptr);
}

absl::StatusOr<Module::Entry> Module::Enter() {
  base::MutexLock lock(mutex_);
  if (!open_) return error::ModuleClosed();
  ++inside_;
  return Entry(this, epoch_);
}

void Module::Leave() {
  base::MutexLock lock(mutex_);
  if (--inside_ == 0 && !open_) left_.SignalAll();
}

bool Module::CloseGate(absl::Duration patience) {
  const absl::Duration until = base::SteadyNow() + patience;
  base::MutexLock lock(mutex_);
  open_ = false;
  while (inside_ > 0) {
    const absl::Duration rest = until - base::SteadyNow();
    if (rest <= absl::ZeroDuration()) return false;
    left_.WaitFor(mutex_, rest);
  }
  return true;
}

absl::Status Module::Reinitialise(absl::Duration patience) {
  if (!owner_) return error::ModuleNotOurs();
  if (!CloseGate(patience)) {
    // The gate opens again: what is inside may come back, and finalising under
    // it would end the process.
    base::MutexLock lock(mutex_);
    open_ = true;
    return error::ModuleStuck();
  }
  // Not checked: a module that lost its device may fail here, and what counts
  // is whether it can be initialised.
  functions_->C_Finalize(nullptr);
  const absl::Status status = Initialize(functions_).status();
  base::MutexLock lock(mutex_);
  ++epoch_;
  open_ = true;
  return status;
}

}  // namespace countersign::hsm
