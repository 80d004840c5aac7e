#include "client/login/browser_login.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/openssl.h"
#include "base/status_macros.h"
#include "client/login/issuer_url.h"
#include "client/login/login_error.h"
#include "client/login/loopback_listener.h"
#include "client/login/redirect.h"

namespace countersign::client {
namespace {

constexpr absl::Duration kTimeLimit = absl::Minutes(5);
constexpr char kPath[] = "/callback";
constexpr char kAsk[] = "logging in with the browser";
constexpr char kExchange[] = "asking for the tokens";

// 256 bits: RFC 7636 4.1 wants 43 characters at least.
std::string RandomText(base::Random& random) {
  return base::Base64UrlEncode(random.Bytes(32));
}

struct Attempt {
  std::string redirect_uri;
  std::string state;
  std::string nonce;
  std::string verifier;
};

std::string AuthorizationUrl(const IssuerClient& client,
                             const Attempt& attempt) {
  Form parameters = {
      {"response_type", "code"},
      {"client_id", client.client_id},
      {"redirect_uri", attempt.redirect_uri},
      {"scope", client.scope},
      {"state", attempt.state},
      {"nonce", attempt.nonce},
      {"code_challenge", base::Base64UrlEncode(base::Sha256(attempt.verifier))},
      {"code_challenge_method", "S256"}};
  if (!client.prompt.empty()) parameters.emplace_back("prompt", client.prompt);
  parameters.insert(parameters.end(), client.audience.begin(),
                    client.audience.end());
  return WithQuery(client.endpoints.authorization, parameters);
}

// The code, once the browser has brought it.
absl::StatusOr<std::string> AwaitCode(const LoginWorld& world,
                                      const IssuerClient& client,
                                      const Attempt& attempt,
                                      LoopbackListener& listener) {
  const RedirectRules rules = {kPath, attempt.state, client.endpoints.issuer,
                               client.endpoints.redirect_has_issuer};
  Redirect redirect;
  RETURN_IF_ERROR(listener.Serve(
      kTimeLimit, world.interrupted, [&](absl::string_view target) {
        redirect = JudgeRedirect(target, rules);
        switch (redirect.kind) {
          case Redirect::Kind::kNotIt:
            return LoopbackAnswer{404, "Not here."};
          case Redirect::Kind::kForeign:
            // Anything on this machine could have sent it: we wait on.
            return LoopbackAnswer{400, "This is not the login that is open."};
          case Redirect::Kind::kRefused:
            return LoopbackAnswer{200,
                                  "The login was refused. The terminal "
                                  "says more; this page can be closed.",
                                  true};
          case Redirect::Kind::kAuthorized:
            break;
        }
        return LoopbackAnswer{200,
                              "The login goes on in the terminal; this page "
                              "can be closed.",
                              true};
      }));
  if (redirect.kind == Redirect::Kind::kRefused) {
    return IssuerRefused(kAsk, redirect.error, redirect.description);
  }
  return redirect.code;
}

absl::Status CheckWay(const IssuerEndpoints& endpoints) {
  if (endpoints.authorization.empty()) {
    return LoginWayMissing(endpoints.issuer,
                           "authorization_endpoint; log in with --device");
  }
  if (!endpoints.has_s256) {
    return LoginWayMissing(
        endpoints.issuer,
        "PKCE with S256 (RFC 7636), without which a code could be stolen on "
        "this machine; log in with --device");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<BrowserTokens> LoginByBrowser(const LoginWorld& world,
                                             const IssuerClient& client,
                                             const OpenBrowser& open,
                                             const ShowPrompt& show) {
  RETURN_IF_ERROR(CheckWay(client.endpoints));
  ASSIGN_OR_RETURN(const std::unique_ptr<LoopbackListener> listener,
                   LoopbackListener::Open());
  // The number, not "localhost" (RFC 8252 8.3).
  const Attempt attempt = {
      absl::StrCat("http://127.0.0.1:", listener->port(), kPath),
      RandomText(world.random), RandomText(world.random),
      RandomText(world.random)};
  LoginPrompt prompt;
  prompt.url = AuthorizationUrl(client, attempt);
  prompt.time_limit = kTimeLimit;
  prompt.opened = open(prompt.url);
  show(prompt);
  ASSIGN_OR_RETURN(std::string code,
                   AwaitCode(world, client, attempt, *listener));
  const absl::Time asked = world.clock.Now();
  Form form = {{"grant_type", "authorization_code"},
               {"code", std::move(code)},
               {"redirect_uri", attempt.redirect_uri},
               {"code_verifier", attempt.verifier}};
  form.insert(form.end(), client.audience.begin(), client.audience.end());
  ASSIGN_OR_RETURN(const OAuthAnswer answer,
                   PostToIssuer(world, client, client.endpoints.token,
                                kExchange, std::move(form)));
  if (!answer.error.empty()) {
    return IssuerRefused(kExchange, answer.error, answer.description);
  }
  BrowserTokens result;
  ASSIGN_OR_RETURN(result.tokens, ParseTokenAnswer(answer.body, asked));
  result.nonce = attempt.nonce;
  return result;
}

}  // namespace countersign::client
