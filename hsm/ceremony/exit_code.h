// What countersign-hsm's exit code means: the numbers of countersign, as far as
// they apply (client/cli/exit_code.h). Scripts rely on them. Pure.
#ifndef COUNTERSIGN_HSM_CEREMONY_EXIT_CODE_H_
#define COUNTERSIGN_HSM_CEREMONY_EXIT_CODE_H_

#include "absl/status/status.h"

namespace countersign::hsm {

enum class ExitCode {
  kOk = 0,
  kOther = 1,               // a bug, a question answered with no
  kBadInput = 2,            // usage, files, INVALID_ARGUMENT
  kDenied = 3,              // the PIN was not taken, or must not be tried
  kUnavailable = 6,         // the token is away
  kNotFound = 7,            // no such module, token, key or certificate
  kPrecondition = 8,        // is there already, a server is using it
  kVerificationFailed = 9,  // a key that must not be used, a signature or
                            // certificate that does not hold
  kInterrupted = 130,       // as shells report SIGINT
};

// By reason where it says more than the code, else by code.
ExitCode ExitCodeFor(const absl::Status& status);

// The table for --help.
extern const char kExitCodeHelp[];

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_CEREMONY_EXIT_CODE_H_
