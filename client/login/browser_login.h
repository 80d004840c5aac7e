// The authorization code grant with PKCE (RFC 7636) and a redirect to this
// machine (RFC 8252 7.3). Called by login.h.
#ifndef COUNTERSIGN_CLIENT_LOGIN_BROWSER_LOGIN_H_
#define COUNTERSIGN_CLIENT_LOGIN_BROWSER_LOGIN_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "client/login/issuer_client.h"
#include "client/login/login_prompt.h"
#include "client/login/login_world.h"
#include "client/login/token_answer.h"

namespace countersign::client {

struct BrowserTokens {
  TokenAnswer tokens;
  std::string nonce;  // which the ID token must have
};

// Starts a browser; false where there is none.
using OpenBrowser = std::function<bool(const std::string& url)>;

// Blocks, five minutes at most. PERMISSION_DENIED (LOGIN_DENIED),
// DEADLINE_EXCEEDED (LOGIN_TIMED_OUT), CANCELLED (INTERRUPTED),
// FAILED_PRECONDITION (LOGIN_WAY_MISSING) where the issuer has no such flow or
// knows no S256.
absl::StatusOr<BrowserTokens> LoginByBrowser(const LoginWorld& world,
                                             const IssuerClient& client,
                                             const OpenBrowser& open,
                                             const ShowPrompt& show);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_LOGIN_BROWSER_LOGIN_H_
