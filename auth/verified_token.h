// What a verified token says. A regular value, made by verify_token.h alone.
#ifndef COUNTERSIGN_AUTH_VERIFIED_TOKEN_H_
#define COUNTERSIGN_AUTH_VERIFIED_TOKEN_H_

#include <map>
#include <string>

#include "absl/time/time.h"
#include "auth/token_algorithm.h"
#include "base/json.h"

namespace countersign::auth {

struct VerifiedToken {
  std::string issuer_name;  // TokenIssuer::name
  std::string issuer;       // `iss`; of JWT-SVIDs "spiffe://TRUST-DOMAIN"
  std::string subject;      // "token:..." or "spiffe://..."
  std::string fingerprint;  // SHA-256 of the token's octets, lower-case hex
  std::string key_id;       // `kid`
  std::string key_thumbprint;
  std::string id;  // `jti`; may be empty
  TokenAlgorithm algorithm = TokenAlgorithm::kRs256;
  absl::Time issue_time;   // `iat`; without it `nbf`; without both the past
  absl::Time not_before;   // `nbf`; without it the past
  absl::Time expire_time;  // `exp`
  base::Json claims;       // all of them
  // Those of TokenIssuer::recorded_claims that are there, as texts: strings as
  // they are, others as compact JSON.
  std::map<std::string, std::string> recorded;
  // `cnf` x5t#S256 (RFC 8705 3.1) as lower-case hex: only together with the
  // certificate of that SHA-256. Empty: a bearer token.
  std::string bound_certificate;
};

}  // namespace countersign::auth

#endif  // COUNTERSIGN_AUTH_VERIFIED_TOKEN_H_
