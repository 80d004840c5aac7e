// What an issuer says about itself (OpenID Connect Discovery 1.0 3 and 4), as
// far as the server needs it: that it is the issuer that is meant, and where
// its keys are. Strict about these, calm about everything else. Pure: who
// fetches is fetch_issuer_keys.h. The client reads its own document, for the
// endpoints of a login (client/login).
#ifndef COUNTERSIGN_AUTH_DISCOVERY_DOCUMENT_H_
#define COUNTERSIGN_AUTH_DISCOVERY_DOCUMENT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace countersign::auth {

struct DiscoveryDocument {
  std::string issuer;
  std::string jwks_uri;
};

// `text` is a JSON object of at most 256 KiB, without duplicate members, whose
// `issuer` is exactly `issuer` (4.3: a document of another issuer would let it
// vouch for this one's tokens) and whose `jwks_uri` may be called
// (base/https_call.h); http only where the issuer itself is at a loopback
// address by http. INVALID_ARGUMENT says what is wrong.
absl::StatusOr<DiscoveryDocument> ParseDiscoveryDocument(
    absl::string_view text, absl::string_view issuer);

}  // namespace countersign::auth

#endif  // COUNTERSIGN_AUTH_DISCOVERY_DOCUMENT_H_
