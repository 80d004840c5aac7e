#include "client/login/fake_issuer.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/encoding.h"

namespace countersign::client {

FakeIssuer::FakeIssuer()
    : document(base::Json::Object{
          {"issuer", kUrl},
          {"token_endpoint", absl::StrCat(kUrl, "/token")},
          {"authorization_endpoint", absl::StrCat(kUrl, "/auth")},
          {"device_authorization_endpoint", absl::StrCat(kUrl, "/device")},
          {"revocation_endpoint", absl::StrCat(kUrl, "/revoke")},
          {"scopes_supported", base::Json::Array{"openid", "offline_access"}},
          {"code_challenge_methods_supported", base::Json::Array{"S256"}},
          {"authorization_response_iss_parameter_supported", true}}) {}

void FakeIssuer::Answer(const std::string& path, int code,
                        const std::string& body) {
  base::MutexLock lock(mutex_);
  answers_[path].push_back({code, {}, body});
}

std::vector<base::HttpsCall> FakeIssuer::CallsTo(const std::string& path) {
  base::MutexLock lock(mutex_);
  std::vector<base::HttpsCall> found;
  for (const base::HttpsCall& call : calls_) {
    if (call.url == kUrl + path) found.push_back(call);
  }
  return found;
}

LoginWorld FakeIssuer::World() {
  LoginWorld world{[this](const base::HttpsCall& call) { return Call(call); },
                   clock, random};
  world.interrupted = [this] { return interrupted; };
  world.sleep = [this](absl::Duration duration) { clock.Advance(duration); };
  world.steady = [this] { return clock.Now() - absl::UnixEpoch(); };
  return world;
}

LoginSettings FakeIssuer::Settings() const {
  LoginSettings settings;
  settings.issuer = kUrl;
  settings.client_id = "cli";
  return settings;
}

std::string FakeIssuer::IdToken(const base::Json::Object& changes) const {
  const int64_t now = absl::ToUnixSeconds(clock.Now());
  base::Json claims(base::Json::Object{{"iss", kUrl},
                                       {"sub", "ann"},
                                       {"aud", "cli"},
                                       {"iat", now},
                                       {"exp", now + 3600}});
  for (const auto& [name, value] : changes) {
    if (value.is_null()) {
      claims.Erase(name);
    } else {
      claims.Set(name, value);
    }
  }
  return absl::StrCat(base::Base64UrlEncode("{\"alg\":\"RS256\"}"), ".",
                      base::Base64UrlEncode(base::CompactJson(claims)), ".",
                      base::Base64UrlEncode("signature"));
}

std::string FakeIssuer::Tokens(const std::string& access, const std::string& id,
                               const std::string& refresh,
                               int expires_in) const {
  base::Json::Object answer = {{"token_type", "Bearer"},
                               {"expires_in", expires_in}};
  if (!access.empty()) answer.emplace_back("access_token", access);
  if (!id.empty()) answer.emplace_back("id_token", id);
  if (!refresh.empty()) answer.emplace_back("refresh_token", refresh);
  return base::CompactJson(base::Json(std::move(answer)));
}

absl::StatusOr<base::HttpsAnswer> FakeIssuer::Call(
    const base::HttpsCall& call) {
  base::MutexLock lock(mutex_);
  calls_.push_back(call);
  if (absl::EndsWith(call.url, "/.well-known/openid-configuration") &&
      answers_[""].empty()) {
    return base::HttpsAnswer{200, {}, base::CompactJson(document)};
  }
  const bool known = absl::StartsWith(call.url, kUrl);
  std::string path = known ? call.url.substr(sizeof kUrl - 1) : call.url;
  if (absl::StartsWith(path, "/.well-known")) path = "";
  std::deque<base::HttpsAnswer>& answers = answers_[path];
  if (answers.empty()) return base::HttpsAnswer{404, {}, "not in the script"};
  const base::HttpsAnswer answer = answers.front();
  answers.pop_front();
  if (answer.code == 599) return absl::UnavailableError("nobody is there");
  return answer;
}

std::string FormValueOf(const base::HttpsCall& call, const std::string& name) {
  for (const auto& [key, value] : call.form) {
    if (key == name) return value;
  }
  return "(none)";
}

}  // namespace countersign::client
