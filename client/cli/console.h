// The world of one run of the command line tool, as arguments: streams, the
// environment, clock, chance, Ctrl-C, and how to connect. main.cc fills it with
// the real things, tests with their own.
#ifndef COUNTERSIGN_CLIENT_CLI_CONSOLE_H_
#define COUNTERSIGN_CLIENT_CLI_CONSOLE_H_

#include <functional>
#include <istream>
#include <memory>
#include <optional>
#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/https_call.h"
#include "base/random.h"
#include "client/api/connection.h"
#include "client/cli/settings.h"
#include "client/login/login_world.h"
#include "client/oci/registry.h"

namespace countersign::client {

// Borrows; everything must outlive the run.
struct Console {
  std::ostream& out;
  std::ostream& err;
  std::istream& in;
  // A person can be asked: input and errors are a terminal.
  bool interactive = false;
  Environment environment;
  const base::Clock& clock;
  base::Random& random;
  std::function<bool()> interrupted = [] { return false; };
  // Empty: the real connection.
  std::function<absl::StatusOr<std::unique_ptr<Connection>>(const Settings&)>
      connect = {};
  // Empty: the real registries.
  std::function<std::unique_ptr<OciRegistries>()> registries = {};
  // How token issuers are reached.
  HttpsPort https = base::CallHttps;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_CONSOLE_H_
