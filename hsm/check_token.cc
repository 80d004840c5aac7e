#include "hsm/check_token.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "hsm/check_options.h"
#include "hsm/errors.h"
#include "hsm/expendable_thread.h"
#include "hsm/login.h"
#include "hsm/module.h"
#include "hsm/modules.h"
#include "hsm/slot.h"

namespace countersign::hsm {
namespace {

absl::StatusOr<TokenInfo> FindAndCheck(Module& module,
                                       const TokenOptions& options) {
  RETURN_IF_ERROR(module.Start(options.call_timeout));
  ASSIGN_OR_RETURN(TokenInfo info, FindToken(module, options.token_label));
  RETURN_IF_ERROR(Login(options).Check(info));
  return info;
}

absl::StatusOr<TokenInfo> CheckWithin(std::shared_ptr<Module> module,
                                      const TokenOptions& options) {
  using Answer = absl::StatusOr<TokenInfo>;
  ASSIGN_OR_RETURN(
      std::optional<Answer> answer,
      CallWithin<Answer>(options.call_timeout, "hsm-check", [module, options] {
        return FindAndCheck(*module, options);
      }));
  if (answer.has_value()) return *std::move(answer);
  // Whoever is inside must not see it finalised.
  module->CountStuck(1);
  return error::CallStuck(options.name, options.call_timeout);
}

// PKCS#11 has no identity of a token but these.
using Identity = std::tuple<std::string, std::string, std::string>;

}  // namespace

std::vector<TokenCheck> CheckTokens(const Pkcs11SignerOptions& options) {
  if (absl::Status good = CheckOptions(options); !good.ok()) {
    return {{"", std::move(good)}};
  }
  Modules modules;
  std::map<Identity, std::string> seen;
  std::vector<TokenCheck> checks;
  for (const TokenOptions& token : options.tokens) {
    checks.push_back({token.name, absl::OkStatus()});
    absl::Status& status = checks.back().status;
    const auto module = modules.Get(token.module_path, token.init_args);
    if (!module.ok()) {
      status = module.status();
      continue;
    }
    const absl::StatusOr<TokenInfo> info = CheckWithin(*module, token);
    if (!info.ok()) {
      status = base::Annotate(info.status(),
                              absl::StrCat("token \"", token.name, "\""));
      continue;
    }
    const auto [other, is_new] = seen.emplace(
        Identity(info->label, info->serial, info->model), token.name);
    if (!is_new) {
      status = error::TokenTwice(other->second, token.name,
                                 "label, serial number and model are equal");
    }
  }
  modules.Shutdown();
  return checks;
}

absl::Status FirstError(const std::vector<TokenCheck>& checks) {
  const auto bad =
      std::find_if(checks.begin(), checks.end(),
                   [](const TokenCheck& c) { return !c.status.ok(); });
  return bad == checks.end() ? absl::OkStatus() : bad->status;
}

}  // namespace countersign::hsm
