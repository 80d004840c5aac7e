// Credentials as Docker and Podman keep them: config.json, auth.json, and the
// programs docker-credential-NAME that they name. Only reads. Made by
// client/cli; called through CredentialLookup when a registry wants a login.
#ifndef COUNTERSIGN_CLIENT_OCI_DOCKER_CONFIG_H_
#define COUNTERSIGN_CLIENT_OCI_DOCKER_CONFIG_H_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/oci/credential.h"

namespace countersign::client {

// What one file says. Keys are normalised: "HOST" or "HOST/PATH".
struct DockerConfig {
  std::string path;  // for messages
  struct Auth {
    std::string username;
    std::string password;
    std::string identity_token;
    std::string registry_token;
  };
  std::map<std::string, Auth> auths;
  std::map<std::string, std::string> helpers;  // credHelpers
  std::string store;                           // credsStore
};

// INVALID_ARGUMENT (REGISTRY_CONFIG) names `path` and the member that is wrong,
// never its value.
absl::StatusOr<DockerConfig> ParseDockerConfig(const std::string& path,
                                               absl::string_view text);

// "https://index.docker.io/v1/" is "index.docker.io"; scheme, a last "/", "/v1"
// or "/v2" go, Docker's other names become that one.
std::string NormaliseRegistryKey(absl::string_view key);

// Asks the program docker-credential-NAME for `server`: its standard output, or
// nullopt where it has no such credentials. See credential_program.h.
using CredentialProgram =
    std::function<absl::StatusOr<std::optional<std::string>>(
        const std::string& name, const std::string& server)>;

// The credentials of `config` for a repository, the most specific key first: a
// program of its own, else the store, else those in the file.
absl::StatusOr<std::optional<RegistryCredential>> FindCredential(
    const DockerConfig& config, const std::string& host,
    const std::string& repository, const CredentialProgram& program);

struct DockerConfigFile {
  std::string path;
  bool required = false;  // else it may be absent
};

// Looks through `files` in order at each question; the first with credentials
// counts. Files are read then, and not before. Errors as above, and for a
// required file that cannot be read.
CredentialLookup LookUpInFiles(std::vector<DockerConfigFile> files,
                               CredentialProgram program);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCI_DOCKER_CONFIG_H_
