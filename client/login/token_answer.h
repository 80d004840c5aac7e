// What a token endpoint gives (RFC 6749 5.1, OpenID Connect Core 3.1.3.3), and
// the ID token read and checked. Called by the flows of this room. Pure.
#ifndef COUNTERSIGN_CLIENT_LOGIN_TOKEN_ANSWER_H_
#define COUNTERSIGN_CLIENT_LOGIN_TOKEN_ANSWER_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/json.h"
#include "base/secret_bytes.h"

namespace countersign::client {

struct TokenAnswer {
  base::SecretBytes access_token;
  base::SecretBytes id_token;       // empty: there is none
  base::SecretBytes refresh_token;  // empty: there is none
  // Of the access token; the infinite future where the issuer does not say.
  absl::Time expire_time = absl::InfiniteFuture();
};

// `asked` is when the question was sent. FAILED_PRECONDITION
// (ISSUER_ANSWER_WRONG): no Bearer token (RFC 6749 7.1), or not to be read.
absl::StatusOr<TokenAnswer> ParseTokenAnswer(const base::Json& body,
                                             absl::Time asked);

struct IdTokenRules {
  std::string issuer;
  std::string client_id;
  std::string nonce;    // empty: none was sent
  std::string subject;  // empty: any; that of before at a refresh
  absl::Time now;
};

struct IdToken {
  std::string subject;
  std::string nonce;
  absl::Time expire_time;
};

// OpenID Connect Core 3.1.3.7 and 12.2 without the signature: the token came
// from the issuer itself over TLS (3.1.3.7 number 6), and the server checks it.
// Two minutes of difference between clocks are let pass. FAILED_PRECONDITION
// (ISSUER_ANSWER_WRONG) tells what does not fit.
absl::StatusOr<IdToken> CheckIdToken(const base::SecretBytes& token,
                                     const IdTokenRules& rules);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_LOGIN_TOKEN_ANSWER_H_
