// The world of one plugin process, as arguments, and its way to the server: the
// same contexts and variables as the command line tool's, no options, since
// other programs' callers write the command line. Called by both plugins.
#ifndef COUNTERSIGN_CLIENT_PLUGINS_PLUGIN_WORLD_H_
#define COUNTERSIGN_CLIENT_PLUGINS_PLUGIN_WORLD_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/random.h"
#include "client/api/connection.h"
#include "client/cli/settings.h"

namespace countersign::client {

// Borrows; everything must outlive the process's work. Functions must be
// thread-safe where the plugin has threads.
struct PluginWorld {
  Environment environment;
  const base::Clock& clock;
  base::Random& random;
  std::function<bool()> interrupted = [] { return false; };
  // A line of progress for people. As it came: made safe to show by who shows.
  std::function<void(absl::string_view)> note = [](absl::string_view) {};
  // Empty: the real connection.
  std::function<absl::StatusOr<std::unique_ptr<Connection>>(const Settings&)>
      connect = {};
};

// Reads settings and credentials; does not reach the server yet. No call takes
// longer than `longest`. `context` names one of the configuration file; empty:
// as the environment and the file say. INVALID_ARGUMENT as ResolveSettings and
// LoadCredentials.
absl::StatusOr<std::unique_ptr<Connection>> ConnectToServer(
    const PluginWorld& world, const std::string& context,
    absl::Duration longest);

// How long to wait for people where the caller does not say: COUNTERSIGN_WAIT
// ("30m") from now, else for ever. INVALID_ARGUMENT (DURATION_MALFORMED).
absl::StatusOr<absl::Time> EndOfWait(const PluginWorld& world);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_PLUGINS_PLUGIN_WORLD_H_
