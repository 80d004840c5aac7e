// A whole login: the issuer is asked where what is, the person goes one of two
// ways, what comes back is checked. Keeping it is token_store.h's. Called by
// the command `login`.
#ifndef COUNTERSIGN_CLIENT_LOGIN_LOGIN_H_
#define COUNTERSIGN_CLIENT_LOGIN_LOGIN_H_

#include "absl/status/statusor.h"
#include "client/login/browser_login.h"
#include "client/login/login_prompt.h"
#include "client/login/login_world.h"
#include "client/login/stored_login.h"
#include "client/token/login_settings.h"

namespace countersign::client {

enum class LoginWay {
  kAny,  // the browser where there is a display, otherwise the device flow
  kBrowser,
  kDevice,
};

struct LoginManner {
  LoginWay way = LoginWay::kAny;
  bool has_display = false;
  OpenBrowser open;  // may do nothing
};

// Blocks for as long as the person takes. INVALID_ARGUMENT
// (LOGIN_SETTINGS_WRONG) and what the two ways return.
absl::StatusOr<StoredLogin> LogIn(const LoginWorld& world,
                                  const LoginSettings& settings,
                                  const LoginManner& manner,
                                  const ShowPrompt& show);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_LOGIN_LOGIN_H_
