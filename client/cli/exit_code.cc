#include "client/cli/exit_code.h"

#include <string>

#include "base/error.h"

namespace countersign::client {
namespace {

struct ReasonRow {
  const char* reason;
  ExitCode code;
};

// Reasons that this client gives; the codes that they come with are too broad.
constexpr ReasonRow kReasons[] = {
    {"INTERRUPTED", ExitCode::kInterrupted},
    {"NOT_CONFIRMED", ExitCode::kOther},
    {"SIGNING_REQUEST_REJECTED", ExitCode::kNotSigned},
    {"SIGNING_REQUEST_EXPIRED", ExitCode::kNotSigned},
    {"SIGNING_REQUEST_CANCELLED", ExitCode::kNotSigned},
    {"SIGNING_REQUEST_FAILED", ExitCode::kOther},
    {"WAIT_ENDED", ExitCode::kPending},
    {"DIGEST_MISMATCH", ExitCode::kVerificationFailed},
    {"SIGNATURE_INVALID", ExitCode::kVerificationFailed},
    {"SIGNATURE_UNREADABLE", ExitCode::kVerificationFailed},
    {"SIGNATURE_NOT_FOUND", ExitCode::kVerificationFailed},
    {"NO_SIGNATURES", ExitCode::kVerificationFailed},
    {"CERTIFICATE_UNTRUSTED", ExitCode::kVerificationFailed},
    {"IDENTITY_MISMATCH", ExitCode::kVerificationFailed},
    {"WRONG_SUBJECT", ExitCode::kVerificationFailed},
    {"NOT_THIS_TYPE", ExitCode::kVerificationFailed},
    {"BUNDLE_UNREADABLE", ExitCode::kVerificationFailed},
    {"LOG_NOT_VERIFIED", ExitCode::kVerificationFailed},
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
    case absl::StatusCode::kUnauthenticated:
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
    case absl::StatusCode::kDataLoss:
      return ExitCode::kVerificationFailed;
    default:
      return ExitCode::kOther;
  }
}

const char kExitCodeHelp[] =
    "Exit codes:\n"
    "  0    done\n"
    "  1    internal or other error, or a question answered with no\n"
    "  2    wrong usage or bad input\n"
    "  3    denied\n"
    "  4    the signing request was rejected, expired or cancelled\n"
    "  5    still pending when --wait ended\n"
    "  6    unavailable: try again later\n"
    "  7    not found\n"
    "  8    a precondition or conflict: look again first\n"
    "  9    verification failed\n"
    "  130  interrupted (a signing request that was made still stands)\n";

}  // namespace countersign::client
