#include "client/login/issuer_endpoints.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/json.h"
#include "base/status_macros.h"
#include "client/login/issuer_url.h"
#include "client/login/login_error.h"

namespace countersign::client {
namespace {

constexpr size_t kMaxDocument = 256 << 10;

std::string DocumentUrl(absl::string_view issuer) {
  return absl::StrCat(absl::StripSuffix(issuer, "/"),
                      "/.well-known/openid-configuration");
}

// Reads members and keeps the first thing that is wrong with them.
class Reader {
 public:
  explicit Reader(const base::Json& document) : document_(document) {}

  std::string Text(absl::string_view key) {
    const base::Json* const value = document_.Find(key);
    if (value == nullptr) return "";
    if (value->is_string()) return value->string();
    Wrong(key, "a text is expected");
    return "";
  }
  std::string Endpoint(absl::string_view key) {
    std::string url = Text(key);
    if (!url.empty() && !IsSafeUrl(url)) Wrong(key, "an https URL is expected");
    return url;
  }
  bool Flag(absl::string_view key) {
    const base::Json* const value = document_.Find(key);
    if (value == nullptr) return false;
    if (!value->is_bool()) Wrong(key, "true or false is expected");
    return value->is_bool() && value->bool_value();
  }
  // Whether the list has `word`; nullopt where there is no list.
  std::optional<bool> Lists(absl::string_view key, absl::string_view word) {
    const base::Json* const list = document_.Find(key);
    if (list == nullptr) return std::nullopt;
    if (!list->is_array()) {
      Wrong(key, "a list is expected");
      return std::nullopt;
    }
    for (const base::Json& entry : list->array()) {
      if (entry.is_string() && entry.string() == word) return true;
    }
    return false;
  }
  void Wrong(absl::string_view key, absl::string_view why) {
    if (wrong_.empty()) wrong_ = absl::StrCat(key, ": ", why);
  }
  const std::string& wrong() const { return wrong_; }

 private:
  const base::Json& document_;
  std::string wrong_;
};

}  // namespace

absl::StatusOr<IssuerEndpoints> ParseIssuerEndpoints(
    absl::string_view text, const std::string& issuer) {
  const std::string what = DocumentUrl(issuer);
  const absl::StatusOr<base::Json> document =
      base::ParseJson(text, {kMaxDocument, 16});
  if (!document.ok()) {
    return IssuerAnswerWrong(what, document.status().message());
  }
  if (!document->is_object()) return IssuerAnswerWrong(what, "no JSON object");
  Reader reader(*document);
  IssuerEndpoints found;
  found.issuer = reader.Text("issuer");
  found.token = reader.Endpoint("token_endpoint");
  found.authorization = reader.Endpoint("authorization_endpoint");
  found.device_authorization = reader.Endpoint("device_authorization_endpoint");
  found.revocation = reader.Endpoint("revocation_endpoint");
  found.redirect_has_issuer =
      reader.Flag("authorization_response_iss_parameter_supported");
  found.has_offline_access =
      reader.Lists("scopes_supported", "offline_access").value_or(false);
  found.has_s256 =
      reader.Lists("code_challenge_methods_supported", "S256").value_or(true);
  // Basic where nothing is said (RFC 8414 2).
  const char kMethods[] = "token_endpoint_auth_methods_supported";
  found.secret_in_form =
      !reader.Lists(kMethods, "client_secret_basic").value_or(true) &&
      reader.Lists(kMethods, "client_secret_post").value_or(false);
  // OpenID Connect Discovery 4.3: identical, a "/" at the end counts.
  if (found.issuer != issuer) {
    reader.Wrong("issuer", absl::StrCat("\"", IssuerText(found.issuer),
                                        "\" is not the issuer that was asked; "
                                        "configure it to the letter"));
  }
  if (found.token.empty()) reader.Wrong("token_endpoint", "missing");
  if (!reader.wrong().empty()) return IssuerAnswerWrong(what, reader.wrong());
  return found;
}

absl::StatusOr<IssuerEndpoints> FetchIssuerEndpoints(
    const LoginWorld& world, const std::string& issuer,
    const std::string& ca_pem) {
  base::HttpsCall call;
  call.url = DocumentUrl(issuer);
  call.headers = {{"accept", "application/json"}};
  call.ca_pem = ca_pem;
  call.max_octets = kMaxDocument;
  ASSIGN_OR_RETURN(const base::HttpsAnswer answer, CallIssuer(world, call));
  if (answer.code == 429 || answer.code >= 500) {
    return IssuerBusy(call.url, answer.code);
  }
  if (answer.code != 200) {
    return IssuerAnswerWrong(call.url,
                             absl::StrCat("HTTP ", answer.code, "; is ", issuer,
                                          " an OpenID Connect issuer?"));
  }
  return ParseIssuerEndpoints(answer.body, issuer);
}

}  // namespace countersign::client
