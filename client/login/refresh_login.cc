#include "client/login/refresh_login.h"

#include <string>
#include <utility>

#include "base/status_macros.h"
#include "client/login/issuer_client.h"
#include "client/login/keep_tokens.h"
#include "client/login/login_error.h"
#include "client/login/token_answer.h"

namespace countersign::client {
namespace {

constexpr char kRefresh[] = "refreshing the login";
constexpr char kRevoke[] = "revoking the login";

absl::Status Revoke(const LoginWorld& world, const IssuerClient& client,
                    const base::SecretBytes& token, const char* hint) {
  if (token.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(
      const OAuthAnswer answer,
      PostToIssuer(world, client, client.endpoints.revocation, kRevoke,
                   {{"token", std::string(token.DangerouslyExpose())},
                    {"token_type_hint", hint}}));
  // RFC 7009 2.2.1: this kind of token ends by itself.
  if (answer.error.empty() || answer.error == "unsupported_token_type") {
    return absl::OkStatus();
  }
  return IssuerRefused(kRevoke, answer.error, answer.description);
}

}  // namespace

absl::StatusOr<StoredLogin> RefreshLogin(const LoginWorld& world,
                                         const LoginSettings& settings,
                                         const StoredLogin& old) {
  ASSIGN_OR_RETURN(const IssuerClient client, MeetIssuer(world, settings));
  const absl::Time asked = world.clock.Now();
  Form form = {
      {"grant_type", "refresh_token"},
      {"refresh_token", std::string(old.refresh_token.DangerouslyExpose())}};
  form.insert(form.end(), client.audience.begin(), client.audience.end());
  ASSIGN_OR_RETURN(const OAuthAnswer answer,
                   PostToIssuer(world, client, client.endpoints.token, kRefresh,
                                std::move(form)));
  // RFC 6749 5.2: expired, revoked, used already; and what OpenID Connect Core
  // 3.1.2.6 calls a person who is needed again.
  if (answer.error == "invalid_grant" || answer.error == "login_required" ||
      answer.error == "interaction_required") {
    return LoginNeeded(settings.issuer, settings.context,
                       "the issuer has ended the login");
  }
  if (!answer.error.empty()) {
    return IssuerRefused(kRefresh, answer.error, answer.description);
  }
  ASSIGN_OR_RETURN(TokenAnswer tokens, ParseTokenAnswer(answer.body, asked));
  if (old.is_id_token && tokens.id_token.empty()) {
    return LoginNeeded(settings.issuer, settings.context,
                       "the issuer refreshes without a new ID token");
  }
  return KeepNewTokens(settings, old, std::move(tokens), world.clock.Now());
}

absl::StatusOr<bool> RevokeLogin(const LoginWorld& world,
                                 const LoginSettings& settings,
                                 const StoredLogin& login) {
  ASSIGN_OR_RETURN(const IssuerClient client, MeetIssuer(world, settings));
  if (client.endpoints.revocation.empty()) return false;
  RETURN_IF_ERROR(Revoke(world, client, login.refresh_token, "refresh_token"));
  if (!login.is_id_token) {
    RETURN_IF_ERROR(Revoke(world, client, login.token, "access_token"));
  }
  return true;
}

}  // namespace countersign::client
