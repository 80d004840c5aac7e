#include "client/token/job_token_source.h"

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/json.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/token/read_token.h"

namespace countersign::client {
namespace {

// RFC 3986 2.3: all but unreserved characters as %XX.
std::string Percent(absl::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (absl::ascii_isalnum(c) ||
        absl::string_view("-._~").find(c) != absl::string_view::npos) {
      out += c;
      continue;
    }
    const auto octet = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[octet >> 4];
    out += kHex[octet & 15];
  }
  return out;
}

absl::Status Away(absl::string_view why) {
  return base::MakeError(
      absl::StatusCode::kUnavailable,
      absl::StrCat("the runner's token endpoint gives no token: ", why),
      Because("TOKEN_ENDPOINT_UNAVAILABLE"));
}

absl::Status Refused(absl::string_view why) {
  return base::MakeError(
      absl::StatusCode::kUnauthenticated,
      absl::StrCat("the runner's token endpoint gives no token: ", why),
      Because("TOKEN_UNREADABLE"));
}

}  // namespace

absl::StatusOr<BearerToken> JobTokenSource::Get(bool refused) {
  if (!refused) {
    std::optional<BearerToken> kept = cache_.Find(clock_.Now());
    if (kept.has_value()) return *std::move(kept);
  }
  ASSIGN_OR_RETURN(const std::string text, Fetch());
  ASSIGN_OR_RETURN(BearerToken token,
                   ReadToken(text, {Describe(), ""}, clock_.Now()));
  cache_.Put(token);
  return token;
}

absl::StatusOr<std::string> JobTokenSource::Fetch() const {
  base::HttpsCall call;
  call.url = ValueOf(environment_, "ACTIONS_ID_TOKEN_REQUEST_URL");
  absl::StrAppend(&call.url, absl::StrContains(call.url, "?") ? "&" : "?",
                  "audience=", Percent(audience_));
  call.headers = {
      {"authorization",
       absl::StrCat("bearer ",
                    ValueOf(environment_, "ACTIONS_ID_TOKEN_REQUEST_TOKEN"))},
      {"accept", "application/json"}};
  call.max_octets = 64 << 10;
  call.interrupted = interrupted_;
  const absl::StatusOr<base::HttpsAnswer> answer = https_(call);
  if (!answer.ok()) {
    switch (answer.status().code()) {
      case absl::StatusCode::kCancelled:
        return answer.status();
      case absl::StatusCode::kUnavailable:
        return Away(answer.status().message());
      default:
        return Refused(answer.status().message());
    }
  }
  if (answer->code >= 500 || answer->code == 429) {
    return Away(absl::StrCat("HTTP ", answer->code));
  }
  if (answer->code != 200) {
    return Refused(absl::StrCat(
        "HTTP ", answer->code,
        ". Has the job `permissions: id-token: write`, and does it still "
        "run?"));
  }
  // Nothing of the answer is shown: it may hold a token.
  const auto json = base::ParseJson(answer->body);
  const base::Json* value = json.ok() ? json->Find("value") : nullptr;
  if (value == nullptr || !value->is_string()) {
    return Refused("its answer has no \"value\"");
  }
  return value->string();
}

std::string JobTokenSource::Describe() const {
  return absl::StrCat("token of the CI job for ", audience_);
}

}  // namespace countersign::client
