// A token as its sender wrote it, taken apart and not believed: JWS compact
// serialisation (RFC 7515 3.1) with a JSON object as payload (RFC 7519 3).
// Strict, since two readers of one token must not read two things. Pure.
#ifndef COUNTERSIGN_AUTH_JSON_WEB_TOKEN_H_
#define COUNTERSIGN_AUTH_JSON_WEB_TOKEN_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/json.h"

namespace countersign::auth {

inline constexpr size_t kMaxTokenSize = 16 << 10;

struct JsonWebToken {
  std::string algorithm;      // header `alg`, unjudged
  std::string key_id;         // header `kid`; may be empty
  std::string type;           // header `typ`; may be empty
  base::Json claims;          // an object
  std::string signing_input;  // what is signed: both encoded parts
  std::string signature;      // octets
};

// UNAUTHENTICATED TOKEN_MALFORMED, with what is wrong: longer than
// kMaxTokenSize, not three parts (five are an encrypted token), not base64url
// without padding (RFC 7515 2), not an object of strict JSON (UTF-8, no member
// twice, at most 8 deep), no or an empty signature, `alg` that is no string, a
// `kid` longer than 256 octets or with control characters, header members
// `crit`, `b64`, `jwk`, `jku`, `x5u`, `x5c`, `zip`, `enc` (which ask the reader
// for something that is never done), or a payload that is itself a token
// (`cty` JWT).
absl::StatusOr<JsonWebToken> ParseToken(absl::string_view token);

}  // namespace countersign::auth

#endif  // COUNTERSIGN_AUTH_JSON_WEB_TOKEN_H_
