// countersign: the command line tool. Gives app.h the real world.
#include <unistd.h>

#include <iostream>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "client/cli/app.h"
#include "client/cli/process.h"

int main(int argc, char** argv) {
  namespace client = countersign::client;
  const absl::Status ready = client::PrepareProcess();
  if (!ready.ok()) {
    std::cerr << "countersign: " << ready.ToString() << "\n";
    return 1;
  }
  const countersign::base::SystemClock clock;
  countersign::base::SystemRandom random;
  client::Console console{
      std::cout,
      std::cerr,
      std::cin,
      isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1,
      client::EnvironmentVariable,
      clock,
      random,
      client::Interrupted,
      {}};
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  return static_cast<int>(client::RunCli(arguments, console));
}
