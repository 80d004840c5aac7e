// What an issuer sends back through the browser (RFC 6749 4.1.2, RFC 9207),
// judged against what was sent. Called by browser_login.h. Pure.
#ifndef COUNTERSIGN_CLIENT_LOGIN_REDIRECT_H_
#define COUNTERSIGN_CLIENT_LOGIN_REDIRECT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace countersign::client {

struct RedirectRules {
  std::string path;  // "/callback"
  std::string state;
  std::string issuer;
  bool issuer_needed = false;  // RFC 9207 2.4
};

struct Redirect {
  enum class Kind {
    kNotIt,       // another path: an icon
    kForeign,     // not an answer to what was sent: no matter what it says
    kRefused,     // `error` and `description`
    kAuthorized,  // `code`
  };
  Kind kind = Kind::kNotIt;
  std::string code;
  std::string error;
  std::string description;
};

// `target` is that of the request, "/callback?code=...&state=...". A parameter
// that occurs twice makes it foreign (RFC 6749 3.1); state is compared in
// constant time.
Redirect JudgeRedirect(absl::string_view target, const RedirectRules& rules);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_LOGIN_REDIRECT_H_
