// countersign-hsm: the key ceremony tool. Gives app.h the real world.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <iostream>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "hsm/ceremony/app.h"
#include "hsm/ceremony/terminal.h"

namespace {

// The first Ctrl-C ends a question in order, so that the terminal has its echo
// back; the second one ends the process.
void OnInterrupt(int number) { signal(number, SIG_DFL); }

void SetProcessRules() {
  // PKCS#11 modules write to sockets that may be gone.
  signal(SIGPIPE, SIG_IGN);
  // PINs are in memory: no core file, no ptrace.
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
}

// Only around a question: while the module works, Ctrl-C ends the process.
absl::StatusOr<countersign::base::SecretBytes> Ask(
    const std::string& question) {
  struct sigaction action = {};
  action.sa_handler = OnInterrupt;  // without SA_RESTART
  struct sigaction before = {};
  sigaction(SIGINT, &action, &before);
  auto answer =
      countersign::hsm::AskSecret(STDIN_FILENO, STDERR_FILENO, question);
  sigaction(SIGINT, &before, nullptr);
  return answer;
}

}  // namespace

int main(int argc, char** argv) {
  SetProcessRules();
  const countersign::base::SystemClock clock;
  countersign::base::SystemRandom random;
  countersign::hsm::Console console{
      std::cout, std::cerr,
      std::cin,  isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1,
      clock,     random,
      &Ask};
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  return static_cast<int>(countersign::hsm::RunCeremony(arguments, console));
}
