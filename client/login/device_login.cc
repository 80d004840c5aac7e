#include "client/login/device_login.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/json.h"
#include "base/status_macros.h"
#include "client/login/issuer_url.h"
#include "client/login/login_error.h"

namespace countersign::client {
namespace {

constexpr char kBegin[] = "asking for a device code";
constexpr char kPoll[] = "asking for the tokens";
constexpr char kGrant[] = "urn:ietf:params:oauth:grant-type:device_code";
// RFC 8628 3.2 and 3.5.
constexpr absl::Duration kInterval = absl::Seconds(5);
constexpr absl::Duration kSlowDown = absl::Seconds(5);
constexpr absl::Duration kMaxInterval = absl::Minutes(1);
// What is longer is asked for again by then.
constexpr absl::Duration kMaxLife = absl::Minutes(30);

struct DeviceCode {
  std::string device_code;
  LoginPrompt prompt;
  absl::Duration interval = kInterval;
};

std::string Text(const base::Json& body, absl::string_view key) {
  const base::Json* const value = body.Find(key);
  return value != nullptr && value->is_string() ? value->string() : "";
}

// Between a second and `longest`; `otherwise` where it is not there.
absl::Duration Seconds(const base::Json& body, absl::string_view key,
                       absl::Duration otherwise, absl::Duration longest) {
  const base::Json* const value = body.Find(key);
  if (value == nullptr || !value->is_number()) return otherwise;
  const double seconds = std::min(value->number(), 86400.0);
  return std::clamp(absl::Seconds(seconds), absl::Seconds(1), longest);
}

absl::StatusOr<DeviceCode> ParseDeviceCode(const base::Json& body) {
  DeviceCode code;
  code.device_code = Text(body, "device_code");
  code.prompt.user_code = Text(body, "user_code");
  code.prompt.url = Text(body, "verification_uri");
  // Google's name, from a draft.
  if (code.prompt.url.empty()) code.prompt.url = Text(body, "verification_url");
  code.prompt.complete_url = Text(body, "verification_uri_complete");
  code.prompt.time_limit = Seconds(body, "expires_in", kMaxLife, kMaxLife);
  code.interval = Seconds(body, "interval", kInterval, kMaxInterval);
  if (code.device_code.empty() || code.prompt.user_code.empty() ||
      code.prompt.url.empty()) {
    return IssuerAnswerWrong(
        kBegin, "device_code, user_code or verification_uri is missing");
  }
  // A person will open these.
  if (!IsSafeUrl(code.prompt.url) || (!code.prompt.complete_url.empty() &&
                                      !IsSafeUrl(code.prompt.complete_url))) {
    return IssuerAnswerWrong(kBegin, "verification_uri is no https URL");
  }
  return code;
}

absl::StatusOr<DeviceCode> Begin(const LoginWorld& world,
                                 const IssuerClient& client) {
  Form form = {{"scope", client.scope}};
  form.insert(form.end(), client.audience.begin(), client.audience.end());
  ASSIGN_OR_RETURN(
      const OAuthAnswer answer,
      PostToIssuer(world, client, client.endpoints.device_authorization, kBegin,
                   std::move(form)));
  if (!answer.error.empty()) {
    return IssuerRefused(kBegin, answer.error, answer.description);
  }
  return ParseDeviceCode(answer.body);
}

}  // namespace

absl::StatusOr<TokenAnswer> LoginByDevice(const LoginWorld& world,
                                          const IssuerClient& client,
                                          const ShowPrompt& show) {
  if (client.endpoints.device_authorization.empty()) {
    return LoginWayMissing(client.endpoints.issuer,
                           "device flow; log in with --browser");
  }
  ASSIGN_OR_RETURN(const DeviceCode code, Begin(world, client));
  show(code.prompt);
  const absl::Duration until = world.steady() + code.prompt.time_limit;
  absl::Duration interval = code.interval;
  while (true) {
    RETURN_IF_ERROR(Wait(world, interval));
    if (world.steady() >= until) return LoginTimedOut("the code has expired");
    const absl::Time asked = world.clock.Now();
    Form form = {{"grant_type", kGrant}, {"device_code", code.device_code}};
    form.insert(form.end(), client.audience.begin(), client.audience.end());
    const absl::StatusOr<OAuthAnswer> answer = PostToIssuer(
        world, client, client.endpoints.token, kPoll, std::move(form));
    // RFC 8628 3.5: back off where nobody answers, and try on.
    if (answer.status().code() == absl::StatusCode::kUnavailable) {
      interval = std::min(2 * interval, kMaxInterval);
      continue;
    }
    RETURN_IF_ERROR(answer.status());
    if (answer->error.empty()) return ParseTokenAnswer(answer->body, asked);
    if (answer->error == "slow_down") {
      interval = std::min(interval + kSlowDown, kMaxInterval);
    } else if (answer->error == "expired_token") {
      return LoginTimedOut("the code has expired");
    } else if (answer->error != "authorization_pending") {
      return IssuerRefused(kPoll, answer->error, answer->description);
    }
  }
}

}  // namespace countersign::client
