#include "server/check_site.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "auth/fetch_issuer_keys.h"
#include "base/error.h"
#include "core/product.h"
#include "hsm/check_token.h"
#include "hsm/token_options.h"
#include "server/check_issuers.h"
#include "server/key_check.h"
#include "storage/product_query.h"

namespace countersign::server {

SiteCheck CheckSite(const ServerConfig& config) {
  SiteCheck site;
  site.notes =
      CheckIssuers(config.access->token_issuers, auth::FetchIssuerKeys);
  const auto products = storage::ReadProducts(config.storage.sqlite_path);
  if (!products.ok()) {
    site.mistakes.push_back(
        absl::StrCat("storage.sqlite.path: ", products.status().message()));
  }
  std::vector<hsm::NamedKey> keys;
  std::set<std::string> registered;
  if (products.ok()) {
    for (const core::KeyVersion& key : KeysThatSign(*products)) {
      keys.push_back({key.name.Format(), core::RefOf(key)});
      if (key.registered) registered.insert(keys.back().name);
    }
  }
  hsm::Pkcs11SignerOptions options;
  options.tokens = config.hsm.tokens;
  options.default_token = config.hsm.default_token;
  for (const hsm::TokenCheck& token : hsm::CheckTokens(options, keys)) {
    const std::string prefix = absl::StrCat("token ", token.token, ": ");
    if (!token.status.ok()) {
      site.mistakes.push_back(absl::StrCat(prefix, token.status.message()));
    }
    for (const hsm::KeyCheck& key : token.keys) {
      if (key.status.ok()) continue;
      const std::string reason = base::GetReason(key.status);
      // What was made by us has a public half beside it; other keys may not.
      const bool may_hide =
          reason == "KEY_NOT_VISIBLE" ||
          (reason == "KEY_MISSING" && registered.count(key.key) != 0);
      (may_hide ? site.notes : site.mistakes)
          .push_back(absl::StrCat(prefix, key.key, ": ", key.status.message()));
    }
  }
  return site;
}

}  // namespace countersign::server
