#include "client/oci/docker_config.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/encoding.h"
#include "base/file.h"
#include "base/json.h"
#include "base/status_macros.h"
#include "client/oci/registry_error.h"

namespace countersign::client {
namespace {

constexpr size_t kMaxConfig = 4 << 20;
constexpr char kDockerHub[] = "index.docker.io";
// What Docker gives its store as the name of its own registry.
constexpr char kDockerHubServer[] = "https://index.docker.io/v1/";

// Takes text members out of one object; the first that is no text is the error.
class TextMembers {
 public:
  TextMembers(const base::Json& object, std::string where)
      : object_(object), where_(std::move(where)) {}

  std::string Get(absl::string_view name) {
    const base::Json* value = object_.Find(name);
    if (value == nullptr || value->is_null()) return "";
    if (value->is_string()) return value->string();
    if (wrong_.empty()) wrong_ = absl::StrCat(where_, ".", name, " is no text");
    return "";
  }
  const std::string& wrong() const { return wrong_; }

 private:
  const base::Json& object_;
  const std::string where_;
  std::string wrong_;
};

// "auth" is base64 of USER:PASSWORD; some writers leave the padding out, or end
// it with zeros.
bool ReadAuth(std::string text, DockerConfig::Auth& auth) {
  while (text.size() % 4 != 0 && !text.empty()) text += '=';
  auto plain = base::Base64Decode(text);
  if (!plain.ok()) return false;
  const size_t colon = plain->find(':');
  if (colon == plain->npos) return false;
  auth.username = plain->substr(0, colon);
  auth.password = plain->substr(colon + 1);
  while (!auth.password.empty() && auth.password.back() == '\0') {
    auth.password.pop_back();
  }
  return true;
}

absl::Status ReadAuths(const base::Json& auths, DockerConfig& config) {
  if (!auths.is_object()) {
    return RegistryConfigInvalid(config.path, "auths is no object");
  }
  for (const auto& [key, value] : auths.object()) {
    const std::string where = absl::StrCat("auths.\"", key, "\"");
    if (!value.is_object()) {
      return RegistryConfigInvalid(config.path, where + " is no object");
    }
    DockerConfig::Auth auth;
    TextMembers members(value, where);
    auth.username = members.Get("username");
    auth.password = members.Get("password");
    auth.identity_token = members.Get("identitytoken");
    auth.registry_token = members.Get("registrytoken");
    const std::string packed = members.Get("auth");
    if (!members.wrong().empty()) {
      return RegistryConfigInvalid(config.path, members.wrong());
    }
    if (!packed.empty() && !ReadAuth(packed, auth)) {
      return RegistryConfigInvalid(
          config.path, where + ".auth is no base64 of USER:PASSWORD");
    }
    // Of two spellings of one key, the one in the registry's own counts: the
    // last.
    config.auths[NormaliseRegistryKey(key)] = std::move(auth);
  }
  return absl::OkStatus();
}

// The value of the longest key that holds the repository; nullptr: none.
template <typename T>
const T* MostSpecific(const std::map<std::string, T>& map,
                      const std::string& host, const std::string& repository) {
  std::string key = absl::StrCat(NormaliseRegistryKey(host), "/", repository);
  while (true) {
    const auto found = map.find(key);
    if (found != map.end()) return &found->second;
    const size_t slash = key.rfind('/');
    if (slash == key.npos) return nullptr;
    key.resize(slash);
  }
}

absl::StatusOr<std::optional<RegistryCredential>> AskProgram(
    const std::string& name, const std::string& server,
    const CredentialProgram& program) {
  ASSIGN_OR_RETURN(const std::optional<std::string> output,
                   program(name, server));
  if (!output.has_value()) return std::nullopt;
  const std::string source = absl::StrCat("docker-credential-", name);
  const auto json = base::ParseJson(*output, {1 << 20, 8});
  if (!json.ok() || !json->is_object()) {
    return RegistryConfigInvalid(source, "its answer is no JSON object");
  }
  TextMembers members(*json, "its answer");
  const std::string username = members.Get("Username");
  const std::string secret = members.Get("Secret");
  if (!members.wrong().empty()) {
    return RegistryConfigInvalid(source, members.wrong());
  }
  if (secret.empty()) return std::nullopt;
  RegistryCredential credential;
  credential.source = source;
  if (username == "<token>") {
    credential.identity_token = base::SecretBytes(secret);
  } else {
    credential.username = username;
    credential.password = base::SecretBytes(secret);
  }
  return credential;
}

std::optional<RegistryCredential> FromAuth(const DockerConfig& config,
                                           const DockerConfig::Auth& auth) {
  RegistryCredential credential;
  credential.source = config.path;
  credential.username = auth.username;
  if (!auth.registry_token.empty()) {
    credential.registry_token = base::SecretBytes(auth.registry_token);
  } else if (!auth.identity_token.empty()) {
    credential.identity_token = base::SecretBytes(auth.identity_token);
  } else if (!auth.password.empty()) {
    credential.password = base::SecretBytes(auth.password);
  } else {
    // "docker login" with a store leaves empty entries.
    return std::nullopt;
  }
  return credential;
}

}  // namespace

std::string NormaliseRegistryKey(absl::string_view key) {
  if (!absl::ConsumePrefix(&key, "https://")) {
    absl::ConsumePrefix(&key, "http://");
  }
  while (absl::ConsumeSuffix(&key, "/")) {
  }
  const size_t slash = key.find('/');
  std::string host = absl::AsciiStrToLower(key.substr(0, slash));
  const absl::string_view path =
      slash == key.npos ? absl::string_view() : key.substr(slash);
  if (host == "docker.io" || host == "registry-1.docker.io") host = kDockerHub;
  if (path == "/v1" || path == "/v2") return host;
  return absl::StrCat(host, path);
}

absl::StatusOr<DockerConfig> ParseDockerConfig(const std::string& path,
                                               absl::string_view text) {
  DockerConfig config;
  config.path = path;
  const auto json = base::ParseJson(text, {kMaxConfig, 32});
  if (!json.ok()) {
    // With line and column, without any text of the file.
    return RegistryConfigInvalid(path, json.status().message());
  }
  if (!json->is_object()) return RegistryConfigInvalid(path, "is no object");
  if (const base::Json* auths = json->Find("auths");
      auths != nullptr && !auths->is_null()) {
    RETURN_IF_ERROR(ReadAuths(*auths, config));
  }
  TextMembers members(*json, "it");
  config.store = members.Get("credsStore");
  if (const base::Json* helpers = json->Find("credHelpers");
      helpers != nullptr && helpers->is_object()) {
    TextMembers names(*helpers, "credHelpers");
    for (const auto& [key, value] : helpers->object()) {
      config.helpers[NormaliseRegistryKey(key)] = names.Get(key);
    }
    if (!names.wrong().empty()) {
      return RegistryConfigInvalid(path, names.wrong());
    }
  }
  if (!members.wrong().empty()) {
    return RegistryConfigInvalid(path, members.wrong());
  }
  return config;
}

absl::StatusOr<std::optional<RegistryCredential>> FindCredential(
    const DockerConfig& config, const std::string& host,
    const std::string& repository, const CredentialProgram& program) {
  const std::string key = NormaliseRegistryKey(host);
  const std::string* helper = MostSpecific(config.helpers, host, repository);
  // Podman writes an empty name where a registry shall have none.
  if (helper != nullptr && !helper->empty()) {
    return AskProgram(*helper, key, program);
  }
  if (helper == nullptr && !config.store.empty()) {
    ASSIGN_OR_RETURN(
        std::optional<RegistryCredential> found,
        AskProgram(config.store, key == kDockerHub ? kDockerHubServer : key,
                   program));
    if (found.has_value()) return found;
  }
  const DockerConfig::Auth* auth = MostSpecific(config.auths, host, repository);
  if (auth == nullptr) return std::nullopt;
  return FromAuth(config, *auth);
}

CredentialLookup LookUpInFiles(std::vector<DockerConfigFile> files,
                               CredentialProgram program) {
  return [files = std::move(files), program = std::move(program)](
             const std::string& host, const std::string& repository)
             -> absl::StatusOr<std::optional<RegistryCredential>> {
    for (const DockerConfigFile& file : files) {
      const auto text = base::ReadFile(file.path, kMaxConfig);
      if (absl::IsNotFound(text.status()) && !file.required) continue;
      if (!text.ok()) {
        return RegistryConfigInvalid(file.path, text.status().message());
      }
      ASSIGN_OR_RETURN(const DockerConfig config,
                       ParseDockerConfig(file.path, *text));
      ASSIGN_OR_RETURN(std::optional<RegistryCredential> found,
                       FindCredential(config, host, repository, program));
      if (found.has_value()) return found;
    }
    return std::nullopt;
  };
}

}  // namespace countersign::client
