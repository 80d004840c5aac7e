// The modules of one signer, by path: tokens of one module share it, because a
// process initialises a module once (PKCS#11 2.40 5.4). Made by Pkcs11Signer.
#ifndef COUNTERSIGN_HSM_MODULES_H_
#define COUNTERSIGN_HSM_MODULES_H_

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "hsm/module.h"

namespace countersign::hsm {

// Thread-compatible.
class Modules {
 public:
  // The one of that file, whichever link leads to it; not started. INVALID_
  // ARGUMENT BAD_SIGNER_OPTIONS where it was taken with other `init_args`.
  absl::StatusOr<std::shared_ptr<Module>> Get(const std::string& path,
                                              const std::string& init_args);

  // Finalises them all where nobody is inside. Blocks, seconds for each.
  void Shutdown();

 private:
  struct Entry {
    std::string init_args;
    std::shared_ptr<Module> module;
  };
  std::map<std::string, Entry> entries_;
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_MODULES_H_
