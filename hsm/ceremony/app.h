// The whole ceremony tool as one function: parse, act, tell, exit code. main.cc
// calls it with the real world, tests with their own.
#ifndef COUNTERSIGN_HSM_CEREMONY_APP_H_
#define COUNTERSIGN_HSM_CEREMONY_APP_H_

#include <string>
#include <vector>

#include "hsm/ceremony/console.h"
#include "hsm/ceremony/exit_code.h"

namespace countersign::hsm {

// `arguments` without the program's name.
ExitCode RunCeremony(const std::vector<std::string>& arguments,
                     Console& console);

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_CEREMONY_APP_H_
