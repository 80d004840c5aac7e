// What the processes of the client and of its plugins have in common: signals
// that end waits in order, TLS's floor, the environment. Called by their main
// functions only.
#ifndef COUNTERSIGN_CLIENT_CLI_PROCESS_H_
#define COUNTERSIGN_CLIENT_CLI_PROCESS_H_

#include <optional>
#include <string>

#include "absl/status/status.h"

namespace countersign::client {

// The first SIGINT or SIGTERM sets Interrupted(), the second one ends the
// process. Call once, before anything else.
absl::Status PrepareProcess();

// Thread-safe.
bool Interrupted();
std::optional<std::string> EnvironmentVariable(const std::string& name);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_PROCESS_H_
