// The rules of a login's settings (client/token/login_settings.h), which come
// from a context or from the options of `countersign login`. Pure.
#ifndef COUNTERSIGN_CLIENT_LOGIN_CHECK_SETTINGS_H_
#define COUNTERSIGN_CLIENT_LOGIN_CHECK_SETTINGS_H_

#include "absl/status/status.h"
#include "client/token/login_settings.h"

namespace countersign::client {

// INVALID_ARGUMENT (LOGIN_SETTINGS_WRONG): everything that is missing or wrong,
// and where it is said.
absl::Status CheckLoginSettings(const LoginSettings& settings);

// Which token the server gets (`token`).
bool SendsIdToken(const LoginSettings& settings);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_LOGIN_CHECK_SETTINGS_H_
