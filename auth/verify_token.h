// Whether a token is good, and what it proves: issuer before key, key before
// claims, all rules of RFC 8725 and of SPIFFE JWT-SVID 3. Pure: keys and time
// are given. It knows no groups (group_rules.h) and remembers nothing
// (authenticator.h does).
#ifndef COUNTERSIGN_AUTH_VERIFY_TOKEN_H_
#define COUNTERSIGN_AUTH_VERIFY_TOKEN_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "auth/json_web_key.h"
#include "auth/token_issuer.h"
#include "base/json.h"

namespace countersign::auth {

struct VerifiedToken {
  std::string issuer_name;  // TokenIssuer::name
  std::string issuer;       // `iss`; of JWT-SVIDs "spiffe://TRUST-DOMAIN"
  std::string subject;      // "token:..." or "spiffe://..."
  std::string fingerprint;  // SHA-256 of the token's octets, lower-case hex
  std::string key_id;       // `kid`
  std::string key_thumbprint;
  std::string id;          // `jti`; may be empty
  absl::Time issue_time;   // `iat`; without it `nbf`; without both the past
  absl::Time expire_time;  // `exp`
  base::Json claims;       // all of them
  // Those of TokenIssuer::recorded_claims that are there, as texts: strings as
  // they are, others as compact JSON.
  std::map<std::string, std::string> recorded;
  // `cnf` x5t#S256 (RFC 8705 3.1) as lower-case hex: only together with the
  // certificate of that SHA-256. Empty: a bearer token.
  std::string bound_certificate;
};

// The keys of an issuer, by its configured name: a key set, or why there is
// none (core/errors.h IssuerKeysUnavailable). With `missing_key` a key of that
// id was looked for and not found: asks for newer keys (issuer_keys.h), and
// tells with UNAVAILABLE that they are on their way. Does not block.
using FindKeys = std::function<absl::StatusOr<std::shared_ptr<const KeySet>>(
    const std::string& issuer_name, absl::string_view missing_key)>;

// UNAUTHENTICATED with the reasons of core::error::TokenRefused; UNAVAILABLE of
// `find_keys`. Cheap checks (issuer, audience, times) come before the
// signature.
absl::StatusOr<VerifiedToken> VerifyToken(
    absl::string_view token, const std::vector<TokenIssuer>& issuers,
    const FindKeys& find_keys, absl::Time now);

// What is asked again of a token that was verified before and is remembered:
// time, revocation by `jti` and by `iat`, and whether its key is still there.
absl::Status CheckAgain(const VerifiedToken& token, const TokenIssuer& issuer,
                        const KeySet& keys, absl::Time now);

// The text of a claim for rules and records: a string as it is, a number or
// boolean as compact JSON; lists and objects likewise. nullopt
// where it is not there. `claim` is a name or a JSON pointer (RFC 6901).
std::optional<std::string> ClaimText(const base::Json& claims,
                                     absl::string_view claim);
// Each value of a claim that may be a list: its elements, or itself.
std::vector<std::string> ClaimTexts(const base::Json& claims,
                                    absl::string_view claim);

}  // namespace countersign::auth

#endif  // COUNTERSIGN_AUTH_VERIFY_TOKEN_H_
