// URLs that an issuer's name and endpoints may be: https, or http to this
// machine itself (RFC 8252 8.3 speaks of the loopback). Called wherever this
// room takes a URL from a file or from an answer. Pure.
#ifndef COUNTERSIGN_CLIENT_LOGIN_ISSUER_URL_H_
#define COUNTERSIGN_CLIENT_LOGIN_ISSUER_URL_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace countersign::client {

// https with a host; http for a loopback address alone. Neither user nor
// fragment, nothing but printable ASCII.
bool IsSafeUrl(absl::string_view url);

// The same without a query (OpenID Connect Discovery 3).
bool IsIssuerUrl(absl::string_view url);

// `url` with each pair in its query, percent-encoded.
std::string WithQuery(
    absl::string_view url,
    const std::vector<std::pair<std::string, std::string>>& parameters);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_LOGIN_ISSUER_URL_H_
