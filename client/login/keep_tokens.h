// From what an issuer gave to what is stored. Called by login.h and
// refresh_login.h. Pure.
#ifndef COUNTERSIGN_CLIENT_LOGIN_KEEP_TOKENS_H_
#define COUNTERSIGN_CLIENT_LOGIN_KEEP_TOKENS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/login/stored_login.h"
#include "client/login/token_answer.h"
#include "client/token/login_settings.h"

namespace countersign::client {

// After a login: the ID token, where there is one, is checked, and must have
// `nonce` where that is not empty. FAILED_PRECONDITION (ISSUER_ANSWER_WRONG),
// also where the token that the server shall get is missing.
absl::StatusOr<StoredLogin> KeepTokens(const LoginSettings& settings,
                                       TokenAnswer tokens,
                                       const std::string& nonce,
                                       absl::Time now);

// After a refresh of `old` (OpenID Connect Core 12.2): same subject; where
// there is no new refresh token the old one goes on (RFC 6749 6).
absl::StatusOr<StoredLogin> KeepNewTokens(const LoginSettings& settings,
                                          const StoredLogin& old,
                                          TokenAnswer tokens, absl::Time now);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_LOGIN_KEEP_TOKENS_H_
