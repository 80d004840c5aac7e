// What a person or a machine logs in to a registry with. Not where it comes
// from: that is docker_config.h.
#ifndef COUNTERSIGN_CLIENT_OCI_CREDENTIAL_H_
#define COUNTERSIGN_CLIENT_OCI_CREDENTIAL_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "base/secret_bytes.h"

namespace countersign::client {

// Exactly one of the secrets is there.
struct RegistryCredential {
  std::string username;
  base::SecretBytes password;
  // An OAuth2 refresh token, to be changed into an access token.
  base::SecretBytes identity_token;
  // An access token that is sent as it is.
  base::SecretBytes registry_token;
  // For messages: the file, or the program that it came from.
  std::string source;
};

// Asked with host (and port) and repository, only when the registry wants a
// login. nullopt: none, so go on as anybody. May block (runs a program).
using CredentialLookup =
    std::function<absl::StatusOr<std::optional<RegistryCredential>>(
        const std::string& host, const std::string& repository)>;

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCI_CREDENTIAL_H_
