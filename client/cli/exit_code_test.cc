#include "client/cli/exit_code.h"

#include <string>

#include "absl/strings/match.h"
#include "base/error.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

struct CodeCase {
  std::string name;
  absl::StatusCode code;
  std::string reason;
  ExitCode want;
};

class ExitCodeTest : public testing::TestWithParam<CodeCase> {};

TEST_P(ExitCodeTest, IsTheDocumentedOne) {
  base::ErrorDetails details;
  details.reason = GetParam().reason;
  EXPECT_EQ(ExitCodeFor(base::MakeError(GetParam().code, "x", details)),
            GetParam().want);
}

using C = absl::StatusCode;
INSTANTIATE_TEST_SUITE_P(
    Codes, ExitCodeTest,
    testing::Values(
        CodeCase{"Internal", C::kInternal, "", ExitCode::kOther},
        CodeCase{"Unimplemented", C::kUnimplemented, "", ExitCode::kOther},
        CodeCase{"BadInput", C::kInvalidArgument, "BAD_REQUEST",
                 ExitCode::kBadInput},
        CodeCase{"Denied", C::kPermissionDenied, "OWN_REQUEST",
                 ExitCode::kDenied},
        CodeCase{"Unknown", C::kUnauthenticated, "UNKNOWN_IDENTITY",
                 ExitCode::kDenied},
        CodeCase{"Rejected", C::kFailedPrecondition, "SIGNING_REQUEST_REJECTED",
                 ExitCode::kNotSigned},
        CodeCase{"Expired", C::kFailedPrecondition, "SIGNING_REQUEST_EXPIRED",
                 ExitCode::kNotSigned},
        CodeCase{"Cancelled", C::kFailedPrecondition,
                 "SIGNING_REQUEST_CANCELLED", ExitCode::kNotSigned},
        CodeCase{"Failed", C::kFailedPrecondition, "SIGNING_REQUEST_FAILED",
                 ExitCode::kOther},
        CodeCase{"Pending", C::kDeadlineExceeded, "WAIT_ENDED",
                 ExitCode::kPending},
        CodeCase{"SlowServer", C::kDeadlineExceeded, "",
                 ExitCode::kUnavailable},
        CodeCase{"Away", C::kUnavailable, "SIGNER_UNAVAILABLE",
                 ExitCode::kUnavailable},
        CodeCase{"Overloaded", C::kResourceExhausted, "OVERLOADED",
                 ExitCode::kUnavailable},
        CodeCase{"NotFound", C::kNotFound, "RESOURCE_NOT_FOUND",
                 ExitCode::kNotFound},
        CodeCase{"State", C::kFailedPrecondition, "PRODUCT_NOT_ACTIVE",
                 ExitCode::kPrecondition},
        CodeCase{"StaleEtag", C::kAborted, "STALE_ETAG",
                 ExitCode::kPrecondition},
        CodeCase{"Exists", C::kAlreadyExists, "RESOURCE_EXISTS",
                 ExitCode::kPrecondition},
        CodeCase{"BadSignature", C::kInvalidArgument, "SIGNATURE_INVALID",
                 ExitCode::kVerificationFailed},
        CodeCase{"OtherDigest", C::kInvalidArgument, "DIGEST_MISMATCH",
                 ExitCode::kVerificationFailed},
        CodeCase{"ForeignChain", C::kInvalidArgument, "CERTIFICATE_UNTRUSTED",
                 ExitCode::kVerificationFailed},
        CodeCase{"Unsigned", C::kFailedPrecondition, "NO_SIGNATURES",
                 ExitCode::kVerificationFailed},
        CodeCase{"Damage", C::kDataLoss, "SIGNATURE_DAMAGED",
                 ExitCode::kVerificationFailed},
        CodeCase{"Log", C::kDataLoss, "LOG_NOT_VERIFIED",
                 ExitCode::kVerificationFailed},
        CodeCase{"No", C::kCancelled, "NOT_CONFIRMED", ExitCode::kOther},
        CodeCase{"CtrlC", C::kCancelled, "INTERRUPTED",
                 ExitCode::kInterrupted}),
    [](const auto& info) { return info.param.name; });

TEST(ExitCodeFor, OkIsZero) {
  EXPECT_EQ(ExitCodeFor(absl::OkStatus()), ExitCode::kOk);
}

TEST(ExitCodeHelp, NamesEachCode) {
  for (const char* code : {"  0 ", "  1 ", "  2 ", "  3 ", "  4 ", "  5 ",
                           "  6 ", "  7 ", "  8 ", "  9 ", "  130 "}) {
    EXPECT_TRUE(absl::StrContains(kExitCodeHelp, code)) << code;
  }
}

}  // namespace
}  // namespace countersign::client
