#include "client/plugins/plugin_world.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "client/api/credentials.h"
#include "client/cli/identity.h"
#include "client/cli/time_text.h"

namespace countersign::client {

absl::StatusOr<std::unique_ptr<Connection>> ConnectToServer(
    const PluginWorld& world, const std::string& context,
    absl::Duration longest) {
  ConnectionFlags flags;
  flags.context = context;
  ASSIGN_OR_RETURN(const Settings settings,
                   ResolveSettings(flags, world.environment));
  if (world.connect) return world.connect(settings);
  ASSIGN_OR_RETURN(Credentials credentials,
                   LoadIdentity(settings, {world.environment, world.clock,
                                           world.random, world.interrupted}));
  ConnectionOptions options;
  options.call_timeout = std::min(settings.timeout, longest);
  options.interrupted = world.interrupted;
  options.retrying = [&world](const absl::Status& status,
                              absl::Duration pause) {
    if (pause < absl::Seconds(1)) return;
    world.note(absl::StrCat(
        status.message(), "; again in ",
        absl::FormatDuration(absl::Trunc(pause, absl::Milliseconds(100)))));
  };
  return Connection::Open(settings.server, settings.server_name,
                          std::move(credentials), std::move(options),
                          world.clock, world.random);
}

absl::StatusOr<absl::Time> EndOfWait(const PluginWorld& world) {
  const std::string text = world.environment("COUNTERSIGN_WAIT").value_or("");
  if (text.empty()) return absl::InfiniteFuture();
  ASSIGN_OR_RETURN(const absl::Duration wait,
                   ParseDuration("COUNTERSIGN_WAIT", text));
  return world.clock.Now() + wait;
}

}  // namespace countersign::client
