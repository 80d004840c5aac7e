#include "client/oci/registry_login.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/status_macros.h"
#include "client/oci/loopback.h"
#include "client/oci/registry_answer.h"
#include "client/oci/registry_error.h"

namespace countersign::client {
namespace {

constexpr size_t kMaxTokenAnswer = 256 << 10;
constexpr size_t kMaxToken = 60 << 10;
// Docker's "Token Authentication Specification": without expires_in.
constexpr absl::Duration kDefaultLife = absl::Seconds(60);
constexpr absl::Duration kMargin = absl::Seconds(10);
constexpr double kMaxLifeSeconds = 24 * 3600;

std::string BasicHeader(const RegistryCredential& credential) {
  return absl::StrCat("Basic ", base::Base64Encode(absl::StrCat(
                                    credential.username, ":",
                                    credential.password.DangerouslyExpose())));
}

// It goes into a header line, so nothing may end that line.
bool IsHeaderSafe(absl::string_view token) {
  return !token.empty() && token.size() <= kMaxToken &&
         std::all_of(token.begin(), token.end(),
                     [](char c) { return absl::ascii_isgraph(c); });
}

// Where a registry may send passwords to: https anywhere; plain http only back
// to itself, or within this machine.
absl::Status CheckRealm(const Url& registry, const Url& realm) {
  if (realm.scheme == "https" || realm.Origin() == registry.Origin()) {
    return absl::OkStatus();
  }
  if (IsLoopbackHost(realm.host) && IsLoopbackHost(registry.host)) {
    return absl::OkStatus();
  }
  return RegistryAnswer(
      registry.host,
      absl::StrCat("its token server ", realm.Origin(),
                   " is not https, so passwords would be seen on the way"));
}

}  // namespace

RegistryLogin::RegistryLogin(HttpConnection& connection,
                             CredentialLookup lookup,
                             const ImageReference& reference)
    : connection_(connection),
      lookup_(std::move(lookup)),
      host_(reference.host),
      repository_(reference.repository) {}

std::string RegistryLogin::Authorization(RegistryAccess access) const {
  for (const RegistryAccess kind : {RegistryAccess::kPush, access}) {
    const auto token = tokens_.find(kind);
    if (token != tokens_.end() &&
        token->second.good_until > base::SteadyNow()) {
      return token->second.authorization;
    }
  }
  return "";
}

std::string RegistryLogin::Whose() const {
  if (!credential_.has_value()) {
    return absl::StrCat("there are no credentials for ", host_);
  }
  return absl::StrCat("the credentials of ", credential_->source,
                      " were not taken");
}

absl::Status RegistryLogin::Refused(const HttpResponse& response) const {
  const std::string said = ParseRegistryErrors(response.body).text;
  return RegistryLoginNeeded(
      host_, absl::StrCat(Whose(), said.empty() ? "" : ": ", said));
}

absl::Status RegistryLogin::Find() {
  if (asked_ || !lookup_) return absl::OkStatus();
  ASSIGN_OR_RETURN(credential_, lookup_(host_, repository_));
  asked_ = true;
  return absl::OkStatus();
}

absl::Status RegistryLogin::Answer(const Url& registry,
                                   const HttpResponse& response,
                                   RegistryAccess access) {
  std::vector<AuthChallenge> challenges;
  for (const auto& [name, value] : response.headers) {
    if (name != "www-authenticate") continue;
    for (AuthChallenge& challenge : ParseAuthChallenges(value)) {
      challenges.push_back(std::move(challenge));
    }
  }
  RETURN_IF_ERROR(Find());
  if (credential_.has_value() && !credential_->registry_token.empty()) {
    const absl::string_view token =
        credential_->registry_token.DangerouslyExpose();
    const bool is_new = tokens_.empty();
    if (!is_new || !IsHeaderSafe(token)) {
      return RegistryLoginNeeded(host_, Whose());
    }
    tokens_[RegistryAccess::kPush] = {absl::StrCat("Bearer ", token),
                                      absl::InfiniteDuration()};
    return absl::OkStatus();
  }
  for (const AuthChallenge& challenge : challenges) {
    if (challenge.scheme == "bearer") {
      return AnswerBearer(registry, challenge, access);
    }
  }
  for (const AuthChallenge& challenge : challenges) {
    if (challenge.scheme == "basic") return AnswerBasic();
  }
  return RegistryAnswer(
      host_,
      "it wants a login (HTTP 401), but its WWW-Authenticate names "
      "neither Bearer nor Basic");
}

absl::Status RegistryLogin::AnswerBasic() {
  const bool tried = !tokens_.empty();
  if (tried || !credential_.has_value() || credential_->password.empty()) {
    return RegistryLoginNeeded(host_, Whose());
  }
  // Holds for every scope.
  tokens_[RegistryAccess::kPush] = {BasicHeader(*credential_),
                                    absl::InfiniteDuration()};
  return absl::OkStatus();
}

absl::StatusOr<HttpResponse> RegistryLogin::AskTokenServer(
    const AuthChallenge& challenge, Url realm, RegistryAccess access) {
  const std::string scope =
      absl::StrCat("repository:", repository_,
                   access == RegistryAccess::kPush ? ":pull,push" : ":pull");
  const std::string service = challenge.Get("service");
  HttpRequest request;
  request.max_body = kMaxTokenAnswer;
  request.headers = {"Accept: application/json"};
  if (credential_.has_value() && !credential_->identity_token.empty()) {
    request.method = "POST";
    request.headers.push_back(
        "Content-Type: application/x-www-form-urlencoded");
    request.body = absl::StrCat(
        "grant_type=refresh_token&client_id=countersign&service=",
        UrlEncode(service), "&scope=", UrlEncode(scope), "&refresh_token=",
        UrlEncode(credential_->identity_token.DangerouslyExpose()));
  } else {
    if (!service.empty()) realm.AddQuery("service", service);
    realm.AddQuery("scope", scope);
    if (credential_.has_value() && !credential_->password.empty()) {
      realm.AddQuery("account", credential_->username);
      request.headers.push_back(
          absl::StrCat("Authorization: ", BasicHeader(*credential_)));
    }
  }
  request.url = std::move(realm);
  return connection_.Send(request);
}

absl::StatusOr<RegistryLogin::Token> RegistryLogin::ReadToken(
    const Url& realm, const HttpResponse& response) const {
  const auto json = base::ParseJson(response.body, {kMaxTokenAnswer, 16});
  if (!json.ok()) {
    return RegistryAnswer(realm.host, "its token is no JSON");
  }
  std::string text;
  for (const char* name : {"token", "access_token"}) {
    const base::Json* value = json->Find(name);
    if (text.empty() && value != nullptr && value->is_string()) {
      text = value->string();
    }
  }
  if (!IsHeaderSafe(text)) {
    return RegistryAnswer(realm.host, "it sent no token that can be used");
  }
  absl::Duration life = kDefaultLife;
  const base::Json* seconds = json->Find("expires_in");
  if (seconds != nullptr && seconds->is_number() && seconds->number() > 0) {
    life = std::max(
        life, absl::Seconds(std::min(seconds->number(), kMaxLifeSeconds)));
  }
  return Token{absl::StrCat("Bearer ", text),
               base::SteadyNow() + life - kMargin};
}

absl::Status RegistryLogin::AnswerBearer(const Url& registry,
                                         const AuthChallenge& challenge,
                                         RegistryAccess access) {
  const auto realm = ParseUrl(challenge.Get("realm"));
  if (!realm.ok()) {
    return RegistryAnswer(host_, absl::StrCat("its token server is no URL: \"",
                                              challenge.Get("realm"), "\""));
  }
  RETURN_IF_ERROR(CheckRealm(registry, *realm));
  const auto response = AskTokenServer(challenge, *realm, access);
  if (!response.ok()) {
    return absl::IsUnavailable(response.status())
               ? RegistryUnreachable(realm->host, response.status().message())
               : RegistryAnswer(realm->host, response.status().message());
  }
  if (response->status >= 300 && response->status < 400) {
    return RegistryAnswer(
        realm->host,
        absl::StrCat("the token server redirects (HTTP ", response->status,
                     "), and passwords do not follow"));
  }
  if (response->status == 400 || response->status == 401) {
    return Refused(*response);
  }
  if (!response->ok()) return AnswerError(realm->host, *response);
  ASSIGN_OR_RETURN(tokens_[access], ReadToken(*realm, *response));
  return absl::OkStatus();
}

}  // namespace countersign::client
