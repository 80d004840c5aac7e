#include "client/cli/registry_options.h"

#include <CLI/CLI.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "client/cli/upload_progress.h"
#include "client/cli/version.h"
#include "client/oci/credential_program.h"
#include "client/oci/http_registry.h"
#include "client/oci/retry_pause.h"

namespace countersign::client {

void AddRegistryOptions(CLI::App& leaf, RegistryOptions& options) {
  leaf.add_option("--registry-config", options.config_file,
                  "credentials for registries, as \"docker login\" writes "
                  "them; otherwise Docker's and Podman's own files")
      ->type_name("FILE");
  leaf.add_flag("--plain-http", options.plain_http,
                "reach registries without TLS where they have none; for this "
                "machine's own it is not needed");
  leaf.add_option("--registry-ca", options.ca_file,
                  "CA certificates for registries, PEM; otherwise the system's")
      ->type_name("FILE");
}

std::vector<DockerConfigFile> CredentialFiles(const RegistryOptions& options,
                                              const Environment& environment) {
  if (!options.config_file.empty()) return {{options.config_file, true}};
  const auto variable = [&](const char* name) {
    return environment(name).value_or("");
  };
  std::vector<DockerConfigFile> files;
  if (!variable("DOCKER_CONFIG").empty()) {
    files.push_back({variable("DOCKER_CONFIG") + "/config.json", false});
  } else if (!variable("HOME").empty()) {
    files.push_back({variable("HOME") + "/.docker/config.json", false});
  }
  if (!variable("REGISTRY_AUTH_FILE").empty()) {
    files.push_back({variable("REGISTRY_AUTH_FILE"), false});
  }
  if (!variable("XDG_RUNTIME_DIR").empty()) {
    files.push_back(
        {variable("XDG_RUNTIME_DIR") + "/containers/auth.json", false});
  }
  return files;
}

std::unique_ptr<OciRegistries> MakeRegistries(Session& session,
                                              const RegistryOptions& options) {
  if (session.console().registries) return session.console().registries();
  HttpRegistryOptions http;
  http.session.allow_plain_http = options.plain_http;
  http.session.connection.ca_file = options.ca_file;
  http.session.connection.user_agent = absl::StrCat("countersign/", kVersion);
  http.session.credentials =
      LookUpInFiles(CredentialFiles(options, session.console().environment),
                    [](const std::string& name, const std::string& server) {
                      return RunCredentialProgram(name, server);
                    });
  http.progress = UploadProgress(session);
  return std::make_unique<HttpRegistries>(
      std::move(http), RetryPause{session.console().random, base::SleepFor});
}

}  // namespace countersign::client
