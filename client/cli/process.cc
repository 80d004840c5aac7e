#include "client/cli/process.h"

#include <atomic>
#include <csignal>
#include <cstdlib>

#include "base/tls_policy.h"

namespace countersign::client {
namespace {

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free,
              "a signal handler may only touch lock-free atomics");

void OnInterrupt(int signal) {
  interrupted = true;
  std::signal(signal, SIG_DFL);
}

}  // namespace

absl::Status PrepareProcess() {
  // gRPC's own log lines on stderr would mix with ours; what matters comes back
  // in statuses. Whoever wants them sets the variable.
  setenv("GRPC_VERBOSITY", "NONE", 0);
  std::signal(SIGPIPE, SIG_IGN);
  // Without SA_RESTART: a question at the terminal ends too.
  struct sigaction action = {};
  action.sa_handler = OnInterrupt;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  return base::RequireTls13();
}

bool Interrupted() { return interrupted.load(); }

std::optional<std::string> EnvironmentVariable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

}  // namespace countersign::client
