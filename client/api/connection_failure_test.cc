#include "client/api/connection_failure.h"

#include <string>

#include "base/error.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasCode;
using base::HasReason;
using testing::HasSubstr;

const Endpoint kEndpoint = {"sign.example:7443", "CN=ci", "CN=Dev CA"};

struct FailureCase {
  std::string name;
  std::string cause;  // as gRPC 1.51 words it
  std::string reason;
};

class FailureTest : public testing::TestWithParam<FailureCase> {};

TEST_P(FailureTest, NamesWhatToLookAt) {
  const absl::Status got = ExplainConnectionFailure(
      absl::UnavailableError(GetParam().cause), kEndpoint);
  EXPECT_THAT(got, HasReason(GetParam().reason));
  EXPECT_THAT(std::string(got.message()), HasSubstr("sign.example:7443"));
  EXPECT_THAT(std::string(got.message()), HasSubstr(GetParam().cause));
}

INSTANTIATE_TEST_SUITE_P(
    Causes, FailureTest,
    testing::Values(
        FailureCase{"Refused",
                    "failed to connect to all addresses; last error: UNKNOWN: "
                    "ipv4:127.0.0.1:1: Failed to connect to remote host: "
                    "Connection refused",
                    "SERVER_UNREACHABLE"},
        FailureCase{"NoSuchHost", "DNS resolution failed for x:1",
                    "SERVER_UNREACHABLE"},
        FailureCase{"ForeignServer",
                    "last error: UNKNOWN: Ssl handshake failed: SSL_ERROR_SSL: "
                    "error:0A000086:SSL routines::certificate verify failed",
                    "SERVER_NOT_TRUSTED"},
        FailureCase{"WrongName", "Peer name x is not in peer certificate",
                    "SERVER_NOT_TRUSTED"},
        FailureCase{"Closed", "Socket closed", "CONNECTION_CLOSED"},
        FailureCase{"Reset", "recvmsg:Connection reset by peer",
                    "CONNECTION_CLOSED"},
        FailureCase{"AlertUnknownCa",
                    "SSL_ERROR_SSL: error:0A000418:SSL routines::tlsv1 alert "
                    "unknown ca",
                    "CERTIFICATE_REFUSED"}),
    [](const auto& info) { return info.param.name; });

TEST(ExplainConnectionFailure, NamesTheClientsCertificateWhereItMayBeTheCause) {
  for (const char* cause : {"Socket closed", "alert unknown ca"}) {
    const absl::Status got =
        ExplainConnectionFailure(absl::UnavailableError(cause), kEndpoint);
    EXPECT_THAT(std::string(got.message()), HasSubstr("CN=ci"));
    EXPECT_THAT(std::string(got.message()), HasSubstr("CN=Dev CA"));
  }
}

TEST(ExplainConnectionFailure, SaysWhereNoCertificateWasShown) {
  const Endpoint endpoint = {"sign.example:7443", "", "", true};
  for (const char* cause : {"Socket closed", "alert certificate required"}) {
    const absl::Status got =
        ExplainConnectionFailure(absl::UnavailableError(cause), endpoint);
    EXPECT_THAT(std::string(got.message()),
                HasSubstr("a call without a client certificate"));
  }
  EXPECT_THAT(
      std::string(
          ExplainConnectionFailure(
              absl::UnavailableError("certificate verify failed"), endpoint)
              .message()),
      HasSubstr("system's CAs"));
}

TEST(ExplainConnectionFailure, IsADenialWhereTheServerSaidSo) {
  EXPECT_THAT(
      ExplainConnectionFailure(
          absl::UnavailableError("alert certificate expired"), kEndpoint),
      HasCode(absl::StatusCode::kUnauthenticated));
}

TEST(ExplainConnectionFailure, LeavesWhatAServerSaidAlone) {
  base::ErrorDetails details;
  details.reason = "SIGNER_UNAVAILABLE";
  const absl::Status away = base::MakeError(absl::StatusCode::kUnavailable,
                                            "the token is away", details);
  EXPECT_EQ(ExplainConnectionFailure(away, kEndpoint), away);
  const absl::Status denied = absl::PermissionDeniedError("no");
  EXPECT_EQ(ExplainConnectionFailure(denied, kEndpoint), denied);
  EXPECT_OK(ExplainConnectionFailure(absl::OkStatus(), kEndpoint));
}

}  // namespace
}  // namespace countersign::client
