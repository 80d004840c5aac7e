// countersign: the command line tool. Gives app.h the real world.
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/tls_policy.h"
#include "client/cli/app.h"

namespace {

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free,
              "a signal handler may only touch lock-free atomics");

// The first Ctrl-C ends waits in order; the second one ends the process.
void OnInterrupt(int signal) {
  interrupted = true;
  std::signal(signal, SIG_DFL);
}

}  // namespace

int main(int argc, char** argv) {
  using countersign::client::Console;
  // gRPC's own log lines on stderr would mix with ours; what matters comes back
  // in statuses. Whoever wants them sets the variable.
  setenv("GRPC_VERBOSITY", "NONE", 0);
  std::signal(SIGPIPE, SIG_IGN);
  // Without SA_RESTART: a question at the terminal ends too.
  struct sigaction action = {};
  action.sa_handler = OnInterrupt;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  const absl::Status tls = countersign::base::RequireTls13();
  if (!tls.ok()) {
    std::cerr << "countersign: " << tls.ToString() << "\n";
    return 1;
  }
  const countersign::base::SystemClock clock;
  countersign::base::SystemRandom random;
  Console console{std::cout,
                  std::cerr,
                  std::cin,
                  isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1,
                  [](const std::string& name) -> std::optional<std::string> {
                    const char* value = std::getenv(name.c_str());
                    if (value == nullptr) return std::nullopt;
                    return std::string(value);
                  },
                  clock,
                  random,
                  [] { return interrupted.load(); },
                  {}};
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  return static_cast<int>(countersign::client::RunCli(arguments, console));
}
