#include "hsm/fault_desk.h"

#include <dlfcn.h>
#include <stdlib.h>

#include <filesystem>

namespace countersign::hsm {

std::string FaultModulePath() {
  return std::filesystem::absolute("hsm/fault_module.so").string();
}

FaultControl& Faults() {
  void* library = dlopen(FaultModulePath().c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) abort();
  const auto control = reinterpret_cast<FaultControl* (*)()>(
      dlsym(library, "countersign_fault_control"));
  if (control == nullptr) abort();
  return *control();
}

}  // namespace countersign::hsm
