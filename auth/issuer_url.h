// What the URL of an issuer tells by itself: whose tokens they are, and where
// its discovery document is. For the configuration's defaults and checks; no
// network. Pure.
#ifndef COUNTERSIGN_AUTH_ISSUER_URL_H_
#define COUNTERSIGN_AUTH_ISSUER_URL_H_

#include <string>

#include "absl/strings/string_view.h"

namespace countersign::auth {

// The profile that an issuer's `iss` tells: those of public services, SPIFFE
// trust domains, and paths that one product alone has. Empty: it tells nothing.
std::string ProfileOfIssuer(absl::string_view issuer);

// Where the discovery document of `issuer` is (OpenID Connect Discovery 1.0 4),
// but for Entra ID's version 1, whose issuer serves none of its own. Empty for
// SPIFFE, which has none.
std::string DiscoveryUrlOf(absl::string_view issuer);

// What is wrong with `issuer` for a profile (issuer_profile.h), in a sentence;
// empty: nothing.
std::string WrongIssuerOf(absl::string_view profile, absl::string_view issuer);

// A GUID (RFC 9562 4) in lower case, as issuers write them.
bool IsGuid(absl::string_view text);

}  // namespace countersign::auth

#endif  // COUNTERSIGN_AUTH_ISSUER_URL_H_
