// ECDSA signatures that are written as r and s side by side, each as long as
// the curve's order (IEEE P1363, as JWS has them): turned into the DER that
// verifiers take. Called where a bare signature is checked with a bare key.
// Pure.
#ifndef COUNTERSIGN_CLIENT_ARTIFACT_ECDSA_FORM_H_
#define COUNTERSIGN_CLIENT_ARTIFACT_ECDSA_FORM_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace countersign::client {

// SEQUENCE of r and s (RFC 3279 2.2.3); nullopt where `spki_der` is no elliptic
// curve key or `signature` has not the length that goes with it. A DER
// signature may have that length by chance.
std::optional<std::string> DerFromFixedWidth(absl::string_view signature,
                                             absl::string_view spki_der);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_ARTIFACT_ECDSA_FORM_H_
