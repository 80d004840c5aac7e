// What a person has to be shown during a login. The command line tool prints
// it, tests look at it.
#ifndef COUNTERSIGN_CLIENT_LOGIN_LOGIN_PROMPT_H_
#define COUNTERSIGN_CLIENT_LOGIN_LOGIN_PROMPT_H_

#include <functional>
#include <string>

#include "absl/time/time.h"

namespace countersign::client {

struct LoginPrompt {
  std::string url;  // to open in a browser
  // Of the device flow: what to type there, and the same page with the code
  // filled in, where the issuer has one. As the issuer wrote them.
  std::string user_code;
  std::string complete_url;
  absl::Duration time_limit;
  bool opened = false;  // a browser was started with `url`
};

using ShowPrompt = std::function<void(const LoginPrompt&)>;

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_LOGIN_LOGIN_PROMPT_H_
