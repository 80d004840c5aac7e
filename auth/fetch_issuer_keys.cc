#include "auth/fetch_issuer_keys.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "auth/discovery_document.h"
#include "auth/issuer_url.h"
#include "base/error.h"
#include "base/file.h"
#include "base/https_call.h"
#include "base/status_macros.h"

namespace countersign::auth {
namespace {

// As json_web_key.h and discovery_document.h take them.
constexpr size_t kMaxAnswer = 256 << 10;
constexpr absl::Duration kTimeout = absl::Seconds(10);

absl::StatusOr<base::HttpsAnswer> Get(
    const std::string& url, const TokenIssuer& issuer,
    const std::function<bool()>& interrupted) {
  base::HttpsCall call;
  call.url = url;
  call.ca_pem = issuer.keys.ca_pem;
  call.headers = {{"accept", "application/json"}};
  call.timeout = kTimeout;
  call.max_octets = kMaxAnswer;
  call.interrupted = interrupted;
  ASSIGN_OR_RETURN(base::HttpsAnswer answer, base::CallHttps(call));
  if (answer.code == 200) return answer;
  // No query: it is the site's own text, but may hold a secret all the same.
  const absl::string_view shown =
      absl::string_view(url).substr(0, url.find('?'));
  const char* hint = "";
  if (answer.code / 100 == 3) hint = "; redirects are not followed";
  // Kubernetes gives it to service accounts only, unless it is told otherwise.
  if (answer.code == 401 || answer.code == 403) {
    hint = "; it must be open to everybody, or else use jwks_file";
  }
  return absl::Status(
      answer.code >= 500 ? absl::StatusCode::kUnavailable
                         : absl::StatusCode::kFailedPrecondition,
      absl::StrCat(shown, " answers with HTTP status ", answer.code, hint));
}

IssuerKeys::Fetched Taken(const std::string& url, base::HttpsAnswer answer) {
  IssuerKeys::Fetched fetched;
  fetched.url = url;
  fetched.jwks = std::move(answer.body);
  fetched.max_age = FreshnessOf(answer.headers["cache-control"]);
  return fetched;
}

}  // namespace

absl::Duration FreshnessOf(absl::string_view cache_control) {
  absl::Duration out = absl::ZeroDuration();
  for (absl::string_view directive : absl::StrSplit(cache_control, ',')) {
    directive = absl::StripAsciiWhitespace(directive);
    if (absl::EqualsIgnoreCase(directive, "no-store") ||
        absl::EqualsIgnoreCase(directive, "no-cache")) {
      return absl::Seconds(1);
    }
    if (!absl::StartsWithIgnoreCase(directive, "max-age=")) continue;
    directive.remove_prefix(8);
    absl::ConsumePrefix(&directive, "\"");
    absl::ConsumeSuffix(&directive, "\"");
    int64_t seconds = 0;
    if (absl::SimpleAtoi(directive, &seconds) && seconds >= 0) {
      out = absl::Seconds(std::max<int64_t>(1, seconds));
    }
  }
  return out;
}

absl::StatusOr<IssuerKeys::Fetched> FetchIssuerKeys(
    const TokenIssuer& issuer, const std::function<bool()>& interrupted) {
  if (!issuer.keys.jwks_file.empty()) {
    IssuerKeys::Fetched fetched;
    fetched.url = issuer.keys.jwks_file;
    ASSIGN_OR_RETURN(fetched.jwks,
                     base::ReadFile(issuer.keys.jwks_file, kMaxAnswer));
    return fetched;
  }
  const std::string url = issuer.keys.discovery_url.empty()
                              ? DiscoveryUrlOf(issuer.issuer)
                              : issuer.keys.discovery_url;
  ASSIGN_OR_RETURN(base::HttpsAnswer answer, Get(url, issuer, interrupted));
  const absl::StatusOr<DiscoveryDocument> document =
      ParseDiscoveryDocument(answer.body, issuer.issuer);
  if (!document.ok()) {
    return absl::FailedPreconditionError(absl::StrCat(
        url.substr(0, url.find('?')), ": ", document.status().message()));
  }
  ASSIGN_OR_RETURN(answer, Get(document->jwks_uri, issuer, interrupted));
  return Taken(document->jwks_uri, std::move(answer));
}

}  // namespace countersign::auth
