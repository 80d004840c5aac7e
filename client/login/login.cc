#include "client/login/login.h"

#include <utility>

#include "base/status_macros.h"
#include "client/login/check_settings.h"
#include "client/login/device_login.h"
#include "client/login/issuer_client.h"
#include "client/login/keep_tokens.h"

namespace countersign::client {
namespace {

bool ByBrowser(const LoginManner& manner, const IssuerEndpoints& endpoints) {
  if (manner.way != LoginWay::kAny) return manner.way == LoginWay::kBrowser;
  if (endpoints.device_authorization.empty()) return true;
  return manner.has_display && !endpoints.authorization.empty() &&
         endpoints.has_s256;
}

}  // namespace

absl::StatusOr<StoredLogin> LogIn(const LoginWorld& world,
                                  const LoginSettings& settings,
                                  const LoginManner& manner,
                                  const ShowPrompt& show) {
  RETURN_IF_ERROR(CheckLoginSettings(settings));
  ASSIGN_OR_RETURN(const IssuerClient client, MeetIssuer(world, settings));
  BrowserTokens got;
  if (ByBrowser(manner, client.endpoints)) {
    ASSIGN_OR_RETURN(got, LoginByBrowser(world, client, manner.open, show));
  } else {
    ASSIGN_OR_RETURN(got.tokens, LoginByDevice(world, client, show));
  }
  return KeepTokens(settings, std::move(got.tokens), got.nonce,
                    world.clock.Now());
}

}  // namespace countersign::client
