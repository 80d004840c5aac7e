#include "hsm/modules.h"

#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "hsm/errors.h"

namespace countersign::hsm {

absl::StatusOr<std::shared_ptr<Module>> Modules::Get(
    const std::string& path, const std::string& init_args) {
  // A path that leads nowhere stays as it is: Module::Start says so.
  std::error_code error;
  std::string real = std::filesystem::canonical(path, error).string();
  Entry& entry = entries_[error ? path : real];
  if (entry.module == nullptr) {
    entry = {init_args, std::make_shared<Module>(path, init_args)};
  }
  if (entry.init_args != init_args) {
    return error::BadOptions(absl::StrCat(
        "tokens of one module must have the same init_args, as it is "
        "initialised once: ",
        path));
  }
  return entry.module;
}

void Modules::Shutdown() {
  for (auto& [path, entry] : entries_) entry.module->Shutdown();
}

}  // namespace countersign::hsm
