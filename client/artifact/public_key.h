// Public keys in the PEM forms that people have: PUBLIC KEY (SPKI), RSA PUBLIC
// KEY (PKCS #1, RFC 8017 A.1.1) and CERTIFICATE. Called by the verifiers. Pure.
#ifndef COUNTERSIGN_CLIENT_ARTIFACT_PUBLIC_KEY_H_
#define COUNTERSIGN_CLIENT_ARTIFACT_PUBLIC_KEY_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace countersign::client {

// The SubjectPublicKeyInfo, DER, of the first key or certificate in `pem`.
// INVALID_ARGUMENT (PUBLIC_KEY_UNREADABLE); a private key is refused by name.
absl::StatusOr<std::string> ReadPublicKey(absl::string_view pem);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_ARTIFACT_PUBLIC_KEY_H_
