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
#include "hsm/session.h"
#include "hsm/slot.h"
#include "hsm/visible_key.h"

namespace countersign::hsm {
namespace {

struct Sight {
  TokenInfo info;
  std::vector<KeyCheck> keys;
};

absl::StatusOr<Sight> Look(const std::shared_ptr<Module>& module,
                           const TokenOptions& options,
                           const std::vector<NamedKey>& keys) {
  RETURN_IF_ERROR(module->Start(options.call_timeout));
  Sight sight;
  ASSIGN_OR_RETURN(sight.info, FindToken(*module, options.token_label));
  RETURN_IF_ERROR(Login(options).Check(sight.info));
  if (keys.empty()) return sight;
  ASSIGN_OR_RETURN(Session session, Session::Open(module, sight.info.slot,
                                                  Session::Mode::kReadOnly));
  for (const NamedKey& key : keys) {
    sight.keys.push_back({key.name, CheckVisibleKey(session, key.ref)});
  }
  return sight;
}

absl::StatusOr<Sight> LookWithin(std::shared_ptr<Module> module,
                                 const TokenOptions& options,
                                 std::vector<NamedKey> keys) {
  using Answer = absl::StatusOr<Sight>;
  ASSIGN_OR_RETURN(
      std::optional<Answer> answer,
      CallWithin<Answer>(options.call_timeout, "hsm-check",
                         [module, options, keys = std::move(keys)] {
                           return Look(module, options, keys);
                         }));
  if (answer.has_value()) return *std::move(answer);
  // Whoever is inside must not see it finalised.
  module->CountStuck(1);
  return error::CallStuck(options.name, options.call_timeout);
}

// A key that names no token is in the default one.
std::vector<NamedKey> KeysIn(const std::string& token,
                             const Pkcs11SignerOptions& options,
                             const std::vector<NamedKey>& keys) {
  const bool is_default =
      token == (options.default_token.empty() ? options.tokens.front().name
                                              : options.default_token);
  std::vector<NamedKey> in;
  for (const NamedKey& key : keys) {
    const std::vector<std::string>& named = key.ref.tokens;
    if (named.empty()
            ? is_default
            : std::find(named.begin(), named.end(), token) != named.end()) {
      in.push_back(key);
    }
  }
  return in;
}

// PKCS#11 has no identity of a token but these.
using Identity = std::tuple<std::string, std::string, std::string>;

}  // namespace

std::vector<TokenCheck> CheckTokens(const Pkcs11SignerOptions& options,
                                    const std::vector<NamedKey>& keys) {
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
    absl::StatusOr<Sight> sight =
        LookWithin(*module, token, KeysIn(token.name, options, keys));
    if (!sight.ok()) {
      status = base::Annotate(sight.status(),
                              absl::StrCat("token \"", token.name, "\""));
      continue;
    }
    const auto [other, is_new] = seen.emplace(
        Identity(sight->info.label, sight->info.serial, sight->info.model),
        token.name);
    if (!is_new) {
      status = error::TokenTwice(other->second, token.name,
                                 "label, serial number and model are equal");
    }
    checks.back().keys = std::move(sight->keys);
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
