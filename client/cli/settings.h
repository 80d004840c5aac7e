// Where the server is and who we are, from (weakest first) a context of the
// configuration file, the environment and flags. Reads neither certificates nor
// tokens (identity.h does). Called by Session and the plugins.
#ifndef COUNTERSIGN_CLIENT_CLI_SETTINGS_H_
#define COUNTERSIGN_CLIENT_CLI_SETTINGS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/cli/context_file.h"
#include "client/token/environment.h"
#include "client/token/token_origin.h"

namespace countersign::client {

// As given on the command line; empty is not given.
struct ConnectionFlags {
  std::string config;
  std::string context;
  std::string server;
  std::string ca_file;
  std::string certificate_file;
  std::string private_key_file;
  std::string server_name;
  std::string timeout;
  std::string token_file;
  std::string token_audience;
};

struct Settings {
  std::string server;   // HOST:PORT
  std::string ca_file;  // empty: the system's CAs
  // Both, or both empty where there is a token.
  std::string certificate_file;
  std::string private_key_file;
  std::optional<TokenOrigin> token;
  // Asked for where a token is made for us: as given, else the server's host.
  std::string token_audience;
  bool audience_given = false;
  std::string server_name;  // may be empty
  // Of one call with all its repetitions.
  absl::Duration timeout = absl::Minutes(1);
};

// The file that is read, and whether somebody named it (then it must exist).
// Empty where neither XDG_CONFIG_HOME nor HOME is set.
struct ConfigPath {
  std::string path;
  bool named = false;
};
ConfigPath FindConfig(const ConnectionFlags& flags,
                      const Environment& environment);

// The file's contents; nothing where an unnamed file is not there.
// INVALID_ARGUMENT as ReadContextFile.
absl::StatusOr<ContextFile> LoadContexts(const ConfigPath& path);

// The context that flags, environment or the file itself choose; an empty one
// where nothing does. INVALID_ARGUMENT: CONTEXT_UNKNOWN and as LoadContexts.
absl::StatusOr<Context> FindContext(const ConnectionFlags& flags,
                                    const Environment& environment);

// "certificate ci.pem", "token file /run/token", "command buildkite-agent",
// "login at https://login.example.org"; empty: what the CI system gives.
std::string IdentityText(const Context& context);

// INVALID_ARGUMENT: SETTINGS_MISSING lists everything that is missing and the
// ways to give it; IDENTITY_AMBIGUOUS; CONTEXT_UNKNOWN; DURATION_MALFORMED.
absl::StatusOr<Settings> ResolveSettings(const ConnectionFlags& flags,
                                         const Environment& environment);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_SETTINGS_H_
