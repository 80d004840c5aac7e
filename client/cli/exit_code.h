// What countersign's exit code means. Scripts rely on it: numbers are never
// given another meaning. `countersign --help` prints the same table.
#ifndef COUNTERSIGN_CLIENT_CLI_EXIT_CODE_H_
#define COUNTERSIGN_CLIENT_CLI_EXIT_CODE_H_

#include "absl/status/status.h"

namespace countersign::client {

enum class ExitCode {
  kOk = 0,
  kOther = 1,               // a bug, a failed request, an answer of "no"
  kBadInput = 2,            // usage, files, INVALID_ARGUMENT
  kDenied = 3,              // PERMISSION_DENIED, UNAUTHENTICATED
  kNotSigned = 4,           // rejected, expired or cancelled
  kPending = 5,             // still undecided when the wait ended
  kUnavailable = 6,         // try again later
  kNotFound = 7,            // NOT_FOUND
  kPrecondition = 8,        // FAILED_PRECONDITION, ABORTED, ALREADY_EXISTS
  kVerificationFailed = 9,  // a signature, digest or log that does not hold
  kInterrupted = 130,       // as shells report SIGINT
};

// By reason where it says more than the code, else by code.
ExitCode ExitCodeFor(const absl::Status& status);

// The table for --help.
extern const char kExitCodeHelp[];

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_EXIT_CODE_H_
