// Countersign as a client of one issuer: its endpoints, who we are there, and
// forms posted to it in the manner of RFC 6749. Called by the flows of this
// room.
#ifndef COUNTERSIGN_CLIENT_LOGIN_ISSUER_CLIENT_H_
#define COUNTERSIGN_CLIENT_LOGIN_ISSUER_CLIENT_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "base/json.h"
#include "base/secret_bytes.h"
#include "client/login/issuer_endpoints.h"
#include "client/login/login_world.h"
#include "client/token/login_settings.h"

namespace countersign::client {

using Form = std::vector<std::pair<std::string, std::string>>;

struct IssuerClient {
  IssuerEndpoints endpoints;
  std::string client_id;
  base::SecretBytes client_secret;  // empty: a public client
  std::string ca_pem;
  std::string scope;   // blanks between
  std::string prompt;  // of the browser's page; may be empty
  // Whom the token is for: `audience`, as many issuers have it, and, where it
  // is a URI, `resource` (RFC 8707 2).
  Form audience;
};

// Blocks: reads the files that `settings` name and asks for the issuer's
// discovery document. `settings` have passed CheckLoginSettings.
absl::StatusOr<IssuerClient> MeetIssuer(const LoginWorld& world,
                                        const LoginSettings& settings);

// What came back: a JSON object, or an error's name (RFC 6749 5.2).
struct OAuthAnswer {
  base::Json body;
  std::string error;  // empty: none
  std::string description;
};

// Blocks. `url` is one of the endpoints, called `what` in messages;
// client_id and secret are added. UNAVAILABLE where the issuer does not answer
// or has no time, FAILED_PRECONDITION (ISSUER_ANSWER_WRONG) for what is neither
// an answer nor an error. An empty answer of 200 is an empty object (RFC 7009
// 2.2).
absl::StatusOr<OAuthAnswer> PostToIssuer(const LoginWorld& world,
                                         const IssuerClient& client,
                                         const std::string& url,
                                         const std::string& what, Form form);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_LOGIN_ISSUER_CLIENT_H_
