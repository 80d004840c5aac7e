// Whether a token is good, and what it proves: issuer before key, key before
// claims, all rules of RFC 8725 and of SPIFFE JWT-SVID 3. Pure: keys and time
// are given. It knows no groups (group_rules.h) and remembers nothing
// (authenticator.h does).
#ifndef COUNTERSIGN_AUTH_VERIFY_TOKEN_H_
#define COUNTERSIGN_AUTH_VERIFY_TOKEN_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "auth/claim_text.h"
#include "auth/json_web_key.h"
#include "auth/token_issuer.h"
#include "auth/verified_token.h"

namespace countersign::auth {

// The keys of an issuer, by its configured name: a key set, or why there is
// none (core/errors.h IssuerKeysUnavailable). With `missing_key` a key of that
// id was looked for and not found: asks for newer keys (issuer_keys.h), and
// tells with UNAVAILABLE that they are on their way. Does not block.
using FindKeys = std::function<absl::StatusOr<std::shared_ptr<const KeySet>>(
    const std::string& issuer_name, absl::string_view missing_key)>;

// UNAUTHENTICATED with the reasons of core::error::TokenRefused; UNAVAILABLE of
// `find_keys`. Cheap checks (issuer, audience, times) come before the
// signature. `typ` is absent, JWT or at+jwt (RFC 9068 2.1), of JWT-SVIDs
// absent, JWT or JOSE: other kinds of an issuer's tokens are not for callers.
absl::StatusOr<VerifiedToken> VerifyToken(
    absl::string_view token, const std::vector<TokenIssuer>& issuers,
    const FindKeys& find_keys, absl::Time now);

// What is asked again of a token that was verified before and is remembered:
// time, revocation by `jti` and by `iat`, and whether its key is still there.
// `issuer` is the one that it was verified for, unchanged.
absl::Status CheckAgain(const VerifiedToken& token, const TokenIssuer& issuer,
                        const KeySet& keys, absl::Time now);

}  // namespace countersign::auth

#endif  // COUNTERSIGN_AUTH_VERIFY_TOKEN_H_
