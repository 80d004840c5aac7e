// The whole command line tool as one function: parse, act, tell, exit code.
// main.cc calls it with the real world, tests with their own.
#ifndef COUNTERSIGN_CLIENT_CLI_APP_H_
#define COUNTERSIGN_CLIENT_CLI_APP_H_

#include <string>
#include <vector>

#include "client/cli/console.h"
#include "client/cli/exit_code.h"

namespace countersign::client {

// `arguments` without the program's name.
ExitCode RunCli(const std::vector<std::string>& arguments, Console& console);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_APP_H_
