// Whether a JWS signature (RFC 7515 5.2) is good for a key. Pure.
#ifndef COUNTERSIGN_AUTH_TOKEN_SIGNATURE_H_
#define COUNTERSIGN_AUTH_TOKEN_SIGNATURE_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "auth/json_web_key.h"
#include "auth/token_algorithm.h"

namespace countersign::auth {

// UNAUTHENTICATED TOKEN_SIGNATURE. `signature` is as RFC 7518 3 has it: of
// ECDSA r and s, each as long as the curve's field (3.4); of PSS with a salt as
// long as the hash (3.5). `key` is for `algorithm`.
absl::Status CheckTokenSignature(absl::string_view signing_input,
                                 absl::string_view signature,
                                 const IssuerKey& key,
                                 TokenAlgorithm algorithm);

}  // namespace countersign::auth

#endif  // COUNTERSIGN_AUTH_TOKEN_SIGNATURE_H_
