#include "hsm/ceremony/exit_code.h"

#include <string>

#include "base/error.h"

namespace countersign::hsm {
namespace {

struct ReasonRow {
  const char* reason;
  ExitCode code;
};

// Reasons whose codes are too broad.
constexpr ReasonRow kReasons[] = {
    {"INTERRUPTED", ExitCode::kInterrupted},
    {"NOT_CONFIRMED", ExitCode::kOther},
    {"PIN_REFUSED", ExitCode::kDenied},
    {"PIN_LATCHED", ExitCode::kDenied},
    {"KEY_UNSAFE", ExitCode::kVerificationFailed},
    {"WRONG_SIGNATURE", ExitCode::kVerificationFailed},
    {"CERTIFICATE_OF_OTHER_KEY", ExitCode::kVerificationFailed},
};

}  // namespace

ExitCode ExitCodeFor(const absl::Status& status) {
  const std::string reason = base::GetReason(status);
  for (const ReasonRow& row : kReasons) {
    if (reason == row.reason) return row.code;
  }
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return ExitCode::kOk;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return ExitCode::kBadInput;
    case absl::StatusCode::kPermissionDenied:
      return ExitCode::kDenied;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
      return ExitCode::kUnavailable;
    case absl::StatusCode::kNotFound:
      return ExitCode::kNotFound;
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kAlreadyExists:
      return ExitCode::kPrecondition;
    default:
      return ExitCode::kOther;
  }
}

const char kExitCodeHelp[] =
    "Exit codes:\n"
    "  0    done\n"
    "  1    internal or other error, or a question answered with no\n"
    "  2    wrong usage or bad input\n"
    "  3    the PIN was not taken, or must not be tried\n"
    "  6    the token is away: try again later\n"
    "  7    no such module, token, key or certificate\n"
    "  8    a precondition or conflict: look again first\n"
    "  9    a key that must not be used, or a signature or certificate that\n"
    "       does not hold\n"
    "  130  interrupted\n";

}  // namespace countersign::hsm
