#include "client/login/keep_tokens.h"

#include <utility>

#include "base/status_macros.h"
#include "client/login/check_settings.h"
#include "client/login/login_error.h"

namespace countersign::client {
namespace {

// Moves the one token that the server gets; `id` is of the ID token.
absl::Status KeepOne(TokenAnswer& tokens, const IdToken& id,
                     StoredLogin& login) {
  if (!login.is_id_token) {
    login.token = std::move(tokens.access_token);
    login.expire_time = tokens.expire_time;
    return absl::OkStatus();
  }
  if (tokens.id_token.empty()) {
    return IssuerAnswerWrong(
        "the issuer's tokens",
        "there is no ID token, which the server shall get; with an audience "
        "it gets the access token");
  }
  login.token = std::move(tokens.id_token);
  login.expire_time = id.expire_time;
  return absl::OkStatus();
}

StoredLogin Begin(const LoginSettings& settings, absl::Time now) {
  StoredLogin login;
  login.issuer = settings.issuer;
  login.client_id = settings.client_id;
  login.audience = settings.audience;
  login.scopes = settings.scopes;
  login.is_id_token = SendsIdToken(settings);
  login.obtain_time = now;
  return login;
}

}  // namespace

absl::StatusOr<StoredLogin> KeepTokens(const LoginSettings& settings,
                                       TokenAnswer tokens,
                                       const std::string& nonce,
                                       absl::Time now) {
  StoredLogin login = Begin(settings, now);
  IdToken id;
  if (!tokens.id_token.empty()) {
    ASSIGN_OR_RETURN(
        id, CheckIdToken(tokens.id_token, {settings.issuer, settings.client_id,
                                           nonce, "", now}));
    login.subject = id.subject;
    login.nonce = id.nonce;
  }
  RETURN_IF_ERROR(KeepOne(tokens, id, login));
  login.refresh_token = std::move(tokens.refresh_token);
  return login;
}

absl::StatusOr<StoredLogin> KeepNewTokens(const LoginSettings& settings,
                                          const StoredLogin& old,
                                          TokenAnswer tokens, absl::Time now) {
  StoredLogin login = Begin(settings, now);
  login.subject = old.subject;
  login.nonce = old.nonce;
  IdToken id;
  if (!tokens.id_token.empty()) {
    ASSIGN_OR_RETURN(
        id, CheckIdToken(tokens.id_token, {settings.issuer, settings.client_id,
                                           "", old.subject, now}));
    // It need have none; one that is there is that of before.
    if (!id.nonce.empty() && id.nonce != old.nonce) {
      return IssuerAnswerWrong("the issuer's ID token",
                               "its nonce is not that of the login");
    }
  }
  RETURN_IF_ERROR(KeepOne(tokens, id, login));
  login.refresh_token =
      tokens.refresh_token.empty()
          ? base::SecretBytes(old.refresh_token.DangerouslyExpose())
          : std::move(tokens.refresh_token);
  return login;
}

}  // namespace countersign::client
