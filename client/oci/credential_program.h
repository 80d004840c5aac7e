// Runs docker-credential-NAME, which knows passwords that no file should hold.
// Without a shell; with our environment, since such programs need it. Called by
// client/cli through docker_config.h's CredentialProgram.
#ifndef COUNTERSIGN_CLIENT_OCI_CREDENTIAL_PROGRAM_H_
#define COUNTERSIGN_CLIENT_OCI_CREDENTIAL_PROGRAM_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace countersign::client {

// `docker-credential-NAME get` with `server` on its standard input: its
// standard output, at most 1 MiB; nullopt where it says that it has none.
// Blocks for `patience` at most, then kills it. INVALID_ARGUMENT
// (REGISTRY_CONFIG) where the name can be none, the program is not on PATH,
// fails or takes too long.
absl::StatusOr<std::optional<std::string>> RunCredentialProgram(
    const std::string& name, const std::string& server,
    absl::Duration patience = absl::Minutes(1));

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCI_CREDENTIAL_PROGRAM_H_
