#include "client/login/issuer_client.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/file.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/login/login_error.h"

namespace countersign::client {
namespace {

std::string ScopeOf(const LoginSettings& settings,
                    const IssuerEndpoints& endpoints) {
  std::vector<std::string> scopes = settings.scopes;
  if (std::find(scopes.begin(), scopes.end(), "openid") == scopes.end()) {
    scopes.insert(scopes.begin(), "openid");
  }
  // Without it many issuers give no refresh token, and others, which have no
  // such scope, refuse it.
  if (settings.scopes.empty() && endpoints.has_offline_access) {
    scopes.push_back("offline_access");
  }
  return absl::StrJoin(scopes, " ");
}

Form AudienceOf(const std::string& audience) {
  if (audience.empty()) return {};
  Form form = {{"audience", audience}};
  // RFC 8707 2: an absolute URI without fragment.
  const size_t colon = audience.find(':');
  if (colon != std::string::npos && colon > 0 &&
      audience.find('#') == std::string::npos) {
    form.emplace_back("resource", audience);
  }
  return form;
}

absl::Status BadFile(const absl::Status& status) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, status.message(),
                         Because("FILE_UNREADABLE"));
}

// As in a form, without "name=".
std::string FormValue(absl::string_view text) {
  return base::FormEncode({{"", std::string(text)}}).substr(1);
}

// RFC 6749 2.3.1.
void AddClient(const IssuerClient& client, base::HttpsCall& call) {
  if (client.client_secret.empty()) {
    call.form.emplace_back("client_id", client.client_id);
    return;
  }
  const std::string secret(client.client_secret.DangerouslyExpose());
  if (client.endpoints.secret_in_form) {
    call.form.emplace_back("client_id", client.client_id);
    call.form.emplace_back("client_secret", secret);
    return;
  }
  call.headers.emplace_back(
      "authorization", absl::StrCat("Basic ", base::Base64Encode(absl::StrCat(
                                                  FormValue(client.client_id),
                                                  ":", FormValue(secret)))));
}

std::string Member(const base::Json& body, absl::string_view key) {
  const base::Json* const value = body.Find(key);
  return value != nullptr && value->is_string() ? value->string() : "";
}

}  // namespace

absl::StatusOr<IssuerClient> MeetIssuer(const LoginWorld& world,
                                        const LoginSettings& settings) {
  IssuerClient client;
  client.client_id = settings.client_id;
  if (!settings.ca_file.empty()) {
    absl::StatusOr<std::string> pem = base::ReadFile(settings.ca_file, 1 << 20);
    if (!pem.ok()) return BadFile(pem.status());
    client.ca_pem = *std::move(pem);
  }
  if (!settings.client_secret_file.empty()) {
    absl::StatusOr<base::SecretBytes> secret =
        base::ReadSecretFile(settings.client_secret_file);
    if (!secret.ok()) return BadFile(secret.status());
    client.client_secret = *std::move(secret);
  }
  ASSIGN_OR_RETURN(client.endpoints,
                   FetchIssuerEndpoints(world, settings.issuer, client.ca_pem));
  client.scope = ScopeOf(settings, client.endpoints);
  client.prompt = settings.prompt;
  client.audience = AudienceOf(settings.audience);
  return client;
}

absl::StatusOr<OAuthAnswer> PostToIssuer(const LoginWorld& world,
                                         const IssuerClient& client,
                                         const std::string& url,
                                         const std::string& what, Form form) {
  base::HttpsCall call;
  call.url = url;
  call.form = std::move(form);
  call.headers = {{"accept", "application/json"}};
  call.ca_pem = client.ca_pem;
  AddClient(client, call);
  ASSIGN_OR_RETURN(const base::HttpsAnswer answer, CallIssuer(world, call));
  if (answer.code == 429 || answer.code >= 500) {
    return IssuerBusy(what, answer.code);
  }
  OAuthAnswer result;
  if (answer.code == 200 && answer.body.empty()) {
    result.body = base::Json::Object{};
    return result;
  }
  // The parser's message would quote nothing of the text, which may hold
  // tokens; it tells line and column.
  absl::StatusOr<base::Json> body = base::ParseJson(answer.body, {1 << 20, 16});
  if (!body.ok() || !body->is_object()) {
    return IssuerAnswerWrong(
        what, absl::StrCat("HTTP ", answer.code, " without a JSON object"));
  }
  result.body = *std::move(body);
  // Some issuers say 200 with an error too.
  result.error = Member(result.body, "error");
  result.description = Member(result.body, "error_description");
  if (answer.code != 200 && result.error.empty()) {
    return IssuerAnswerWrong(
        what, absl::StrCat("HTTP ", answer.code, " without an error's name"));
  }
  return result;
}

}  // namespace countersign::client
