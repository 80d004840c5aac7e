// Where an issuer is asked what: the part of its OpenID discovery document
// (OpenID Connect Discovery 1.0 3 and 4, RFC 8414) that a login needs. Called
// by login.h; what the server reads of the same document is its own affair.
#ifndef COUNTERSIGN_CLIENT_LOGIN_ISSUER_ENDPOINTS_H_
#define COUNTERSIGN_CLIENT_LOGIN_ISSUER_ENDPOINTS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/login/login_world.h"

namespace countersign::client {

// Endpoints are safe URLs (issuer_url.h), or empty where there is none.
struct IssuerEndpoints {
  std::string issuer;
  std::string token;
  std::string authorization;         // browser
  std::string device_authorization;  // RFC 8628
  std::string revocation;            // RFC 7009
  // RFC 9207: a redirect must name the issuer.
  bool redirect_has_issuer = false;
  // "offline_access" is a scope here.
  bool has_offline_access = false;
  // It knows PKCE's S256, or does not say.
  bool has_s256 = true;
  // Client secrets go into the form, as the issuer takes no Basic.
  bool secret_in_form = false;
};

// Pure. `issuer` has to stand in `text` to the letter. FAILED_PRECONDITION
// (ISSUER_ANSWER_WRONG) tells what is wrong.
absl::StatusOr<IssuerEndpoints> ParseIssuerEndpoints(absl::string_view text,
                                                     const std::string& issuer);

// Blocks. `ca_pem` as in base/https_call.h, whose errors are passed on.
absl::StatusOr<IssuerEndpoints> FetchIssuerEndpoints(const LoginWorld& world,
                                                     const std::string& issuer,
                                                     const std::string& ca_pem);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_LOGIN_ISSUER_ENDPOINTS_H_
