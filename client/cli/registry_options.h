// How commands reach OCI registries: the options that they have in common, and
// the registries themselves. Called by the commands for component versions and
// images.
#ifndef COUNTERSIGN_CLIENT_CLI_REGISTRY_OPTIONS_H_
#define COUNTERSIGN_CLIENT_CLI_REGISTRY_OPTIONS_H_

#include <memory>
#include <string>
#include <vector>

#include "client/cli/session.h"
#include "client/cli/settings.h"
#include "client/oci/docker_config.h"
#include "client/oci/registry.h"

namespace CLI {
class App;
}  // namespace CLI

namespace countersign::client {

struct RegistryOptions {
  bool plain_http = false;
  std::string ca_file;
  std::string config_file;  // of credentials
};

// `options` must live as long as `leaf`.
void AddRegistryOptions(CLI::App& leaf, RegistryOptions& options);

// Where credentials may be, the first that has some counts: --registry-config
// alone, else $DOCKER_CONFIG/config.json or ~/.docker/config.json, then
// $REGISTRY_AUTH_FILE, then $XDG_RUNTIME_DIR/containers/auth.json.
std::vector<DockerConfigFile> CredentialFiles(const RegistryOptions& options,
                                              const Environment& environment);

// Reaches nobody yet. Uploads are told on the terminal. `session` must outlive
// it.
std::unique_ptr<OciRegistries> MakeRegistries(Session& session,
                                              const RegistryOptions& options);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_REGISTRY_OPTIONS_H_
