#include "client/cli/error_hint.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "base/error.h"

namespace countersign::client {
namespace {

struct Row {
  const char* reason;
  const char* state;  // metadata; nullptr: any
  // $OPERATION, $KEY and $PRODUCT are the short names in metadata "resource".
  const char* hint;
};

constexpr Row kRows[] = {
    {"NO_ENABLED_KEY", nullptr,
     "which keys there are: countersign key list $OPERATION\n"
     "let one sign again: countersign key enable $OPERATION/VERSION\n"
     "or make a new one: countersign key rotate $OPERATION"},
    {"KEY_LIMIT_REACHED", nullptr,
     "make a new key: countersign key rotate $OPERATION"},
    {"KEY_VERSION_STATE", "DISABLED", "disabled: countersign key enable $KEY"},
    {"KEY_VERSION_STATE", "DESTROY_SCHEDULED",
     "take the destruction back: countersign key restore $KEY"},
    {"PRODUCT_NOT_ACTIVE", "DISABLED",
     "disabled: countersign product enable $PRODUCT"},
    {"PRODUCT_NOT_ACTIVE", "PENDING_APPROVAL",
     "another person approves it: countersign product approve $PRODUCT"},
    {"NO_CREDENTIAL", nullptr,
     "say who you are: --token-file FILE, or --cert FILE --key FILE, or "
     "countersign login"},
    {"TOKEN_EXPIRED", nullptr,
     "a new token is needed: countersign login, or a new one in the file or "
     "variable; a job asks its CI system again"},
    {"TOKEN_AUDIENCE", nullptr,
     "ask for a token for this server: --token-audience (its configuration "
     "has token_issuers.audiences), `aud` of id_tokens in GitLab, `audience` "
     "of a projected token"},
    {"TOKEN_ISSUER_UNKNOWN", nullptr,
     "the server trusts no such issuer: is it the right server? Its "
     "administrators name issuers in identity.token_issuers"},
    {"TOKEN_GROUPS_UNKNOWN", nullptr,
     "Entra ID leaves groups out of a token where there are many: have an app "
     "role assigned and a rule for `roles` (docs/identity.md)"},
    {"CLAIM_REQUIRED", nullptr,
     "what your token proves: countersign whoami\n"
     "what is demanded: countersign product show $PRODUCT"},
    {"ISSUER_KEYS_UNAVAILABLE", nullptr,
     "the server cannot reach the token's issuer; try again later, or with a "
     "client certificate"},
    {"CHAIN_MISSING", nullptr,
     "upload one: countersign key set-chain $OPERATION FILE"},
};

// Part `index` of "products/P/operations/O/keyVersions/V".
std::string Id(absl::string_view resource, int index) {
  for (int i = 0; i < 2 * index + 1; ++i) {
    const size_t slash = resource.find('/');
    if (slash == absl::string_view::npos) return "";
    resource.remove_prefix(slash + 1);
  }
  return std::string(resource.substr(0, resource.find('/')));
}

// What is not in the name stays a word for people to replace.
std::string Or(const std::string& id, const char* word) {
  return id.empty() ? word : id;
}

}  // namespace

std::string ErrorHint(const absl::Status& status) {
  const base::ErrorDetails details =
      base::GetErrorDetails(status).value_or(base::ErrorDetails());
  const auto value = [&](const char* key) {
    const auto found = details.metadata.find(key);
    return found == details.metadata.end() ? std::string() : found->second;
  };
  const std::string resource = value("resource");
  const std::string product = Or(Id(resource, 0), "PRODUCT");
  const std::string operation =
      absl::StrCat(product, "/", Or(Id(resource, 1), "OPERATION"));
  const std::string key =
      absl::StrCat(operation, "/", Or(Id(resource, 2), "VERSION"));
  for (const Row& row : kRows) {
    if (details.reason != row.reason ||
        (row.state != nullptr && value("state") != row.state)) {
      continue;
    }
    return absl::StrReplaceAll(
        row.hint,
        {{"$OPERATION", operation}, {"$KEY", key}, {"$PRODUCT", product}});
  }
  return "";
}

}  // namespace countersign::client
