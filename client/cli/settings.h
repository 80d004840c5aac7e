// Where the server is and who we are, from (weakest first) a context of the
// configuration file, the environment and flags. Does not read certificates
// (client/api/credentials.h). Called by Session.
#ifndef COUNTERSIGN_CLIENT_CLI_SETTINGS_H_
#define COUNTERSIGN_CLIENT_CLI_SETTINGS_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/cli/context_file.h"

namespace countersign::client {

using Environment =
    std::function<std::optional<std::string>(const std::string&)>;

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
};

struct Settings {
  std::string server;  // HOST:PORT
  std::string ca_file;
  std::string certificate_file;
  std::string private_key_file;
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

// INVALID_ARGUMENT: SETTINGS_MISSING lists everything that is missing and the
// three ways to give it; CONTEXT_UNKNOWN; DURATION_MALFORMED.
absl::StatusOr<Settings> ResolveSettings(const ConnectionFlags& flags,
                                         const Environment& environment);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_SETTINGS_H_
