#include "client/cli/settings.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/error.h"
#include "base/file.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/cli/choose_identity.h"
#include "client/cli/time_text.h"

namespace countersign::client {
namespace {

// One setting: its name in a context, in the environment and as a flag.
struct Row {
  const char* key;
  const char* variable;
  const char* flag;
  std::string Context::*in_context;
  std::string ConnectionFlags::*in_flags;
  std::string Settings::*target;
};

constexpr Row kRows[] = {
    {"server", "COUNTERSIGN_SERVER", "--server", &Context::server,
     &ConnectionFlags::server, &Settings::server},
    {"ca_file", "COUNTERSIGN_CA_FILE", "--ca", &Context::ca_file,
     &ConnectionFlags::ca_file, &Settings::ca_file},
    {"certificate_file", "COUNTERSIGN_CERTIFICATE_FILE", "--cert",
     &Context::certificate_file, &ConnectionFlags::certificate_file,
     &Settings::certificate_file},
    {"private_key_file", "COUNTERSIGN_PRIVATE_KEY_FILE", "--key",
     &Context::private_key_file, &ConnectionFlags::private_key_file,
     &Settings::private_key_file},
    {"server_name", "COUNTERSIGN_SERVER_NAME", "--server-name",
     &Context::server_name, &ConnectionFlags::server_name,
     &Settings::server_name},
    {"token_audience", "COUNTERSIGN_TOKEN_AUDIENCE", "--token-audience",
     &Context::token_audience, &ConnectionFlags::token_audience,
     &Settings::token_audience},
};

constexpr char kIdentityWays[] =
    "\n  who we are, one of"
    "\n    a token: --token-file, COUNTERSIGN_TOKEN_FILE, COUNTERSIGN_TOKEN, "
    "or `token_file` in a context"
    "\n    a login: `login` in a context, and countersign login"
    "\n    a program that prints a token: `token_command` in a context"
    "\n    a certificate: --cert and --key, COUNTERSIGN_CERTIFICATE_FILE and "
    "COUNTERSIGN_PRIVATE_KEY_FILE, or both in a context";

// The flag, else the variable, else the file's value.
std::string Strongest(const std::string& flag, const char* variable,
                      const std::string& in_file,
                      const Environment& environment) {
  if (!flag.empty()) return flag;
  const std::optional<std::string> value = environment(variable);
  return value.has_value() && !value->empty() ? *value : in_file;
}

absl::StatusOr<Context> ChooseContext(const ContextFile& file,
                                      const std::string& wanted,
                                      const std::string& path) {
  if (wanted.empty()) return Context();
  std::vector<std::string> names;
  for (const Context& context : file.contexts) {
    if (context.name == wanted) return context;
    names.push_back(context.name);
  }
  return base::MakeError(
      absl::StatusCode::kInvalidArgument,
      absl::StrCat(
          "no context \"", wanted, "\" in ",
          path.empty() ? "any configuration file" : path,
          names.empty() ? "" : "; there are: ", absl::StrJoin(names, ", ")),
      Because("CONTEXT_UNKNOWN"));
}

// "sign.example.org" of "sign.example.org:7443".
std::string HostOf(const std::string& server) {
  return server.substr(0, server.rfind(':'));
}

bool IsMissing(const Row& row, const Settings& settings,
               const IdentityChoice& identity) {
  if (!(settings.*row.target).empty()) return false;
  if (row.target == &Settings::server) return true;
  // Half of a certificate's settings.
  return identity.certificate && (row.target == &Settings::certificate_file ||
                                  row.target == &Settings::private_key_file);
}

absl::Status CheckComplete(const Settings& settings,
                           const IdentityChoice& identity,
                           const std::string& path) {
  std::string missing;
  for (const Row& row : kRows) {
    if (!IsMissing(row, settings, identity)) continue;
    absl::StrAppend(&missing, "\n  ", row.key, ": ", row.flag, ", ",
                    row.variable, ", or `", row.key, "` in a context");
  }
  if (!identity.certificate && !identity.token.has_value()) {
    absl::StrAppend(&missing, kIdentityWays);
    for (const std::string& sentence : identity.looked_for) {
      absl::StrAppend(&missing, "\n  ", sentence);
    }
  }
  if (missing.empty()) return absl::OkStatus();
  return base::MakeError(
      absl::StatusCode::kInvalidArgument,
      absl::StrCat("connection settings are missing:", missing,
                   path.empty() ? "" : "\nContexts stand in ", path),
      Because("SETTINGS_MISSING"));
}

}  // namespace

ConfigPath FindConfig(const ConnectionFlags& flags,
                      const Environment& environment) {
  if (!flags.config.empty()) return {flags.config, true};
  const auto value = [&](const char* name) {
    return environment(name).value_or("");
  };
  if (const std::string path = value("COUNTERSIGN_CONFIG"); !path.empty()) {
    return {path, true};
  }
  constexpr char kFile[] = "/countersign/config.yaml";
  if (const std::string xdg = value("XDG_CONFIG_HOME"); !xdg.empty()) {
    return {xdg + kFile, false};
  }
  if (const std::string home = value("HOME"); !home.empty()) {
    return {absl::StrCat(home, "/.config", kFile), false};
  }
  return {};
}

absl::StatusOr<ContextFile> LoadContexts(const ConfigPath& path) {
  if (path.path.empty()) return ContextFile();
  const absl::StatusOr<std::string> text = base::ReadFile(path.path, 1 << 20);
  if (!text.ok()) {
    if (!path.named && text.status().code() == absl::StatusCode::kNotFound) {
      return ContextFile();
    }
    return base::MakeError(absl::StatusCode::kInvalidArgument,
                           text.status().message(),
                           Because("CONFIG_UNREADABLE"));
  }
  return ReadContextFile(*text, path.path);
}

std::string IdentityText(const Context& context) {
  std::vector<std::string> parts;
  if (!context.certificate_file.empty()) {
    parts.push_back("certificate " + context.certificate_file);
  }
  if (!context.token_file.empty()) {
    parts.push_back("token file " + context.token_file);
  }
  if (!context.token_command.empty()) {
    parts.push_back("command " + context.token_command[0]);
  }
  if (context.login.has_value()) {
    parts.push_back("login at " + context.login->issuer);
  }
  return absl::StrJoin(parts, ", ");
}

absl::StatusOr<Context> FindContext(const ConnectionFlags& flags,
                                    const Environment& environment) {
  const ConfigPath path = FindConfig(flags, environment);
  ASSIGN_OR_RETURN(const ContextFile file, LoadContexts(path));
  const std::string wanted = Strongest(flags.context, "COUNTERSIGN_CONTEXT",
                                       file.current_context, environment);
  return ChooseContext(file, wanted, path.path);
}

absl::StatusOr<Settings> ResolveSettings(const ConnectionFlags& flags,
                                         const Environment& environment) {
  const ConfigPath path = FindConfig(flags, environment);
  ASSIGN_OR_RETURN(const Context context, FindContext(flags, environment));
  Settings settings;
  for (const Row& row : kRows) {
    settings.*row.target = Strongest(flags.*row.in_flags, row.variable,
                                     context.*row.in_context, environment);
  }
  const std::string timeout = Strongest(flags.timeout, "COUNTERSIGN_TIMEOUT",
                                        context.timeout, environment);
  if (!timeout.empty()) {
    ASSIGN_OR_RETURN(settings.timeout, ParseDuration("timeout", timeout));
  }
  ASSIGN_OR_RETURN(IdentityChoice identity,
                   ChooseIdentity({flags.certificate_file,
                                   flags.private_key_file, flags.token_file},
                                  environment, context));
  RETURN_IF_ERROR(CheckComplete(settings, identity, path.path));
  settings.token = std::move(identity.token);
  if (!identity.certificate) {
    settings.certificate_file.clear();
    settings.private_key_file.clear();
  }
  settings.audience_given = !settings.token_audience.empty();
  if (!settings.audience_given) {
    settings.token_audience = HostOf(settings.server);
  }
  return settings;
}

}  // namespace countersign::client
