// Has the key set of an issuer from where it is kept: discovery document, then
// its jwks_uri, over HTTPS; or a file. What IssuerKeys calls; it keeps nothing
// and reads no keys (json_web_key.h).
#ifndef COUNTERSIGN_AUTH_FETCH_ISSUER_KEYS_H_
#define COUNTERSIGN_AUTH_FETCH_ISSUER_KEYS_H_

#include <functional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "auth/issuer_keys.h"
#include "auth/token_issuer.h"

namespace countersign::auth {

// Blocks: ten seconds at most for each of two exchanges, until `interrupted`
// (base/https_call.h), or on the disk. The file where there is one; otherwise
// the discovery document of discovery_url, or where the issuer's own is.
// UNAVAILABLE where the server does not answer, FAILED_PRECONDITION where its
// answer is not what it should be; NOT_FOUND and the like of a file. All name
// the URL or the file.
absl::StatusOr<IssuerKeys::Fetched> FetchIssuerKeys(
    const TokenIssuer& issuer, const std::function<bool()>& interrupted);

// How long an answer with that Cache-Control is good (RFC 9111 5.2.2): max-age;
// a second where it must not be kept; zero where nothing is said. Pure.
absl::Duration FreshnessOf(absl::string_view cache_control);

}  // namespace countersign::auth

#endif  // COUNTERSIGN_AUTH_FETCH_ISSUER_KEYS_H_
