#include "client/login/stored_login.h"

#include <cmath>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "base/json.h"
#include "client/login/check_settings.h"

namespace countersign::client {
namespace {

constexpr int kVersion = 1;

absl::Status Broken() {
  return absl::InvalidArgumentError("it is no login that was stored here");
}

struct TextField {
  const char* key;
  std::string StoredLogin::*target;
};
constexpr TextField kTexts[] = {
    {"issuer", &StoredLogin::issuer},     {"clientId", &StoredLogin::client_id},
    {"audience", &StoredLogin::audience}, {"subject", &StoredLogin::subject},
    {"nonce", &StoredLogin::nonce},
};

bool ReadText(const base::Json& from, const char* key, std::string& to) {
  const base::Json* const value = from.Find(key);
  if (value == nullptr || !value->is_string()) return false;
  to = value->string();
  return true;
}

bool ReadSecret(const base::Json& from, const char* key,
                base::SecretBytes& to) {
  const base::Json* const value = from.Find(key);
  if (value == nullptr || !value->is_string()) return false;
  to = base::SecretBytes(value->string());
  return true;
}

bool ReadTime(const base::Json& from, const char* key, absl::Time& to) {
  const base::Json* const value = from.Find(key);
  if (value == nullptr || !value->is_number() ||
      std::abs(value->number()) > 1e11) {
    return false;
  }
  to = absl::FromUnixSeconds(static_cast<int64_t>(value->number()));
  return true;
}

bool ReadScopes(const base::Json& from, std::vector<std::string>& to) {
  const base::Json* const list = from.Find("scopes");
  if (list == nullptr || !list->is_array()) return false;
  for (const base::Json& scope : list->array()) {
    if (!scope.is_string()) return false;
    to.push_back(scope.string());
  }
  return true;
}

}  // namespace

bool BelongsTo(const StoredLogin& login, const LoginSettings& settings) {
  return login.issuer == settings.issuer &&
         login.client_id == settings.client_id &&
         login.audience == settings.audience &&
         login.scopes == settings.scopes &&
         login.is_id_token == SendsIdToken(settings);
}

base::SecretBytes FormatStoredLogin(const StoredLogin& login) {
  base::Json::Object object = {{"version", kVersion}};
  for (const TextField& field : kTexts) {
    object.emplace_back(field.key, login.*field.target);
  }
  base::Json::Array scopes(login.scopes.begin(), login.scopes.end());
  object.emplace_back("scopes", std::move(scopes));
  object.emplace_back("isIdToken", login.is_id_token);
  object.emplace_back("token", login.token.DangerouslyExpose());
  object.emplace_back("refreshToken", login.refresh_token.DangerouslyExpose());
  object.emplace_back("obtainTime", absl::ToUnixSeconds(login.obtain_time));
  if (login.expire_time != absl::InfiniteFuture()) {
    object.emplace_back("expireTime", absl::ToUnixSeconds(login.expire_time));
  }
  return base::SecretBytes(
      absl::StrCat(base::PrettyJson(base::Json(std::move(object))), "\n"));
}

absl::StatusOr<StoredLogin> ParseStoredLogin(absl::string_view text) {
  const absl::StatusOr<base::Json> json = base::ParseJson(text, {1 << 20, 4});
  if (!json.ok()) return Broken();
  const base::Json* const version = json->Find("version");
  if (version == nullptr || *version != base::Json(kVersion)) return Broken();
  StoredLogin login;
  bool whole = true;
  for (const TextField& field : kTexts) {
    whole = whole && ReadText(*json, field.key, login.*field.target);
  }
  const base::Json* const is_id_token = json->Find("isIdToken");
  whole = whole && is_id_token != nullptr && is_id_token->is_bool() &&
          ReadScopes(*json, login.scopes) &&
          ReadSecret(*json, "token", login.token) &&
          ReadSecret(*json, "refreshToken", login.refresh_token) &&
          ReadTime(*json, "obtainTime", login.obtain_time);
  if (whole && json->Find("expireTime") != nullptr) {
    whole = ReadTime(*json, "expireTime", login.expire_time);
  }
  if (!whole || login.token.empty()) return Broken();
  login.is_id_token = is_id_token->bool_value();
  return login;
}

}  // namespace countersign::client
