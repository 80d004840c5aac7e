// The life of a login after it was made: new tokens for old ones (RFC 6749 6),
// and its end at the issuer (RFC 7009). Called by login_token_source.h and the
// command `logout`.
#ifndef COUNTERSIGN_CLIENT_LOGIN_REFRESH_LOGIN_H_
#define COUNTERSIGN_CLIENT_LOGIN_REFRESH_LOGIN_H_

#include "absl/status/statusor.h"
#include "client/login/login_world.h"
#include "client/login/stored_login.h"
#include "client/token/login_settings.h"

namespace countersign::client {

// Blocks. `old` has a refresh token, and the caller holds the store's lock.
// UNAUTHENTICATED (LOGIN_NEEDED) where the issuer has ended the login or gives
// no new ID token.
absl::StatusOr<StoredLogin> RefreshLogin(const LoginWorld& world,
                                         const LoginSettings& settings,
                                         const StoredLogin& old);

// Blocks. False where the issuer has no endpoint for it. The refresh token is
// revoked, and the access token (RFC 7009 2.1: some issuers do not take the one
// with the other); an ID token cannot be.
absl::StatusOr<bool> RevokeLogin(const LoginWorld& world,
                                 const LoginSettings& settings,
                                 const StoredLogin& login);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_LOGIN_REFRESH_LOGIN_H_
