// The rules for a token's claims, each by itself; verify_token.h puts them in
// order. All errors are core::error::TokenRefused with the reason named here.
// Pure.
#ifndef COUNTERSIGN_AUTH_TOKEN_CLAIMS_H_
#define COUNTERSIGN_AUTH_TOKEN_CLAIMS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "auth/token_issuer.h"
#include "auth/verified_token.h"
#include "base/json.h"

namespace countersign::auth {

// Fills the three times from token.claims. TOKEN_CLAIM without `exp`,
// TOKEN_MALFORMED where one is no number of seconds.
absl::Status ReadTimes(VerifiedToken& token);
// TOKEN_EXPIRED, TOKEN_NOT_YET_VALID, TOKEN_TOO_OLD. issuer.leeway counts at
// both ends, not for the age.
absl::Status CheckTimes(const VerifiedToken& token, const TokenIssuer& issuer,
                        absl::Time now);

// TOKEN_AUDIENCE: `aud` is, or holds, one of the issuer's audiences.
absl::Status CheckAudience(const base::Json& claims, const TokenIssuer& issuer);

// Who it is of: "token:..." or, of a JWT-SVID, its SPIFFE ID. TOKEN_CLAIM where
// that cannot be told. Of several claims none but the last may have a "/": two
// identities must not have one text.
absl::StatusOr<std::string> TokenSubject(const base::Json& claims,
                                         const TokenIssuer& issuer);

// TOKEN_CLAIM: issuer.required_claims.
absl::Status CheckRequired(const base::Json& claims, const TokenIssuer& issuer);

// SHA-256 of the certificate that it is bound to, lower-case hex; "" for a
// bearer token. TOKEN_NOT_BOUND where it is bound to something else, since who
// cannot check a confirmation must not take the token (RFC 7800 3.1), and where
// the issuer's tokens must be bound.
absl::StatusOr<std::string> BoundCertificate(const base::Json& claims,
                                             const TokenIssuer& issuer);

// TOKEN_REVOKED: by `jti`, or by the time of issue.
absl::Status CheckRevoked(const VerifiedToken& token,
                          const TokenIssuer& issuer);

}  // namespace countersign::auth

#endif  // COUNTERSIGN_AUTH_TOKEN_CLAIMS_H_
