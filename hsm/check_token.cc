#include "hsm/check_token.h"

#include <memory>

#include "base/status_macros.h"
#include "hsm/module.h"
#include "hsm/slot.h"

namespace countersign::hsm {

absl::Status CheckToken(const std::string& module_path,
                        const std::string& token_label) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Module> module,
                   Module::Load(module_path));
  return FindToken(*module, token_label).status();
}

}  // namespace countersign::hsm
