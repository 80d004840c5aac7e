#include "client/api/connection.h"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/status_matchers.h"
#include "base/tls_policy.h"
#include "client/api/audit_client.h"
#include "client/api/fake_token_source.h"
#include "client/api/test_identities.h"
#include "client/api/test_server.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasCode;
using base::HasReason;
using testing::AnyOf;
using testing::HasSubstr;

std::shared_ptr<grpc::ServerCredentials> ServerCredentials(
    const TestCa& trusted, const Identity& identity,
    grpc_ssl_client_certificate_request_type request =
        GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY) {
  grpc::SslServerCredentialsOptions options(request);
  options.pem_root_certs = trusted.certificate_pem();
  options.pem_key_cert_pairs = {
      {identity.private_key_pem, identity.certificate_pem}};
  return grpc::SslServerCredentials(options);
}

// A server over mutual TLS that knows who calls.
class TlsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { ASSERT_OK(base::RequireTls13()); }

  TlsTest()
      : ca_("Dev CA"), server_(ServerCredentials(ca_, ca_.Issue("server"))) {
    server_.answers().get_caller = [](const v1::GetCallerRequest&,
                                      v1::Caller* caller) {
      caller->mutable_principal()->set_subject("email:ci@example.org");
      return grpc::Status::OK;
    };
    options_.retry.max_attempts = 1;
    options_.call_timeout = absl::Seconds(20);
  }

  absl::StatusOr<v1::Caller> Call(const std::string& ca_pem,
                                  const Identity& identity,
                                  const std::string& name = "") {
    Credentials credentials;
    credentials.ca_pem = ca_pem;
    credentials.certificate_pem = identity.certificate_pem;
    credentials.private_key_pem = base::SecretBytes(identity.private_key_pem);
    credentials.subject = "CN=ci";
    credentials.issuer = "CN=whoever";
    auto connection =
        Connection::Open(server_.address(), name, std::move(credentials),
                         options_, clock_, random_);
    if (!connection.ok()) return connection.status();
    return GetCaller(**connection);
  }

  TestCa ca_;
  TestServer server_;
  ConnectionOptions options_;
  base::SystemClock clock_;
  base::SystemRandom random_;
};

TEST_F(TlsTest, CallsOverMutualTls) {
  const auto caller = Call(ca_.certificate_pem(), ca_.Issue("ci"));
  ASSERT_OK(caller);
  EXPECT_EQ(caller->principal().subject(), "email:ci@example.org");
}

TEST_F(TlsTest, DoesNotTrustAServerOfAnotherCa) {
  EXPECT_THAT(Call(TestCa("Other CA").certificate_pem(), ca_.Issue("ci")),
              HasReason("SERVER_NOT_TRUSTED"));
}

TEST_F(TlsTest, DoesNotTrustAServerOfAnotherName) {
  EXPECT_THAT(Call(ca_.certificate_pem(), ca_.Issue("ci"), "sign.example.org"),
              HasReason("SERVER_NOT_TRUSTED"));
}

TEST_F(TlsTest, TellsThatTheServerDoesNotTakeOurCertificate) {
  const auto got = Call(ca_.certificate_pem(), TestCa("Other CA").Issue("ci"));
  EXPECT_THAT(got, AnyOf(HasReason("CONNECTION_CLOSED"),
                         HasReason("CERTIFICATE_REFUSED")));
  EXPECT_THAT(std::string(got.status().message()), HasSubstr("CN=whoever"));
}

TEST_F(TlsTest, RefusesAServerWithoutAPort) {
  for (const char* server :
       {"", "host", "host:", ":1", "host:0", "host:65536", "host:https"}) {
    EXPECT_THAT(Connection::Open(server, "", {}, options_, clock_, random_),
                HasReason("SERVER_MALFORMED"))
        << server;
  }
}

TEST_F(TlsTest, CallsWithATokenInsteadOfACertificate) {
  TestServer server(
      ServerCredentials(ca_, ca_.Issue("server"),
                        GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY));
  server.answers().admit = [](const std::string& authorization) {
    return authorization == "Bearer a.b.c"
               ? absl::OkStatus()
               : absl::UnauthenticatedError("no token");
  };
  server.answers().get_caller = [](const v1::GetCallerRequest&, v1::Caller*) {
    return grpc::Status::OK;
  };
  Credentials credentials;
  credentials.ca_pem = ca_.certificate_pem();
  TokenRequests requests;
  credentials.token_source = std::make_unique<FakeTokenSource>(
      std::vector<std::string>{"a.b.c"}, requests);
  ASSERT_OK_AND_ASSIGN(
      const auto connection,
      Connection::Open(server.address(), "", std::move(credentials), options_,
                       clock_, random_));
  EXPECT_OK(GetCaller(*connection));
  EXPECT_EQ(connection->DescribeIdentity(), "token of the test");
}

TEST_F(TlsTest, SaysThatTheSystemsCasWereAskedWhereNoFileWasGiven) {
  const auto got = Call("", ca_.Issue("ci"));
  EXPECT_THAT(got, HasReason("SERVER_NOT_TRUSTED"));
  EXPECT_THAT(std::string(got.status().message()), HasSubstr("--ca"));
}

// Calls without TLS: what happens after the connection stands.
class CallTest : public testing::Test {
 protected:
  CallTest() {
    options_.sleep = [this](absl::Duration d) { slept_ += d; };
    options_.interrupted = [this] { return interrupted_.load(); };
    options_.retry.first_delay = absl::Milliseconds(100);
  }

  absl::StatusOr<v1::Caller> Call() {
    Connection connection(server_.Channel(), options_, clock_, random_);
    return GetCaller(connection);
  }

  // Fails `failures` times with `status`, then answers.
  void FailFirst(int failures, const absl::Status& status) {
    server_.answers().get_caller =
        [this, failures, status](const v1::GetCallerRequest&, v1::Caller*) {
          return ++calls_ <= failures ? WireError(status) : grpc::Status::OK;
        };
  }

  TestServer server_;
  ConnectionOptions options_;
  base::SystemClock clock_;
  base::SystemRandom random_;
  std::atomic<int> calls_{0};
  std::atomic<bool> interrupted_{false};
  absl::Duration slept_;
};

absl::Status Away(absl::Duration delay) {
  base::ErrorDetails details;
  details.reason = "SIGNER_UNAVAILABLE";
  details.retry_delay = delay;
  return base::MakeError(absl::StatusCode::kUnavailable, "away", details);
}

TEST_F(CallTest, TriesAgainAsLateAsTheServerAsks) {
  FailFirst(2, Away(absl::Seconds(3)));
  ASSERT_OK(Call());
  EXPECT_EQ(calls_, 3);
  EXPECT_GE(slept_, absl::Seconds(6));
  EXPECT_LT(slept_, absl::Seconds(9));
}

TEST_F(CallTest, GoesOnUntilItsTimeIsOverAndSaysWhatItTried) {
  options_.call_timeout = absl::Seconds(60);
  std::vector<absl::Duration> told;
  options_.retrying = [&](const absl::Status&, absl::Duration pause) {
    told.push_back(pause);
  };
  FailFirst(1000, Away(absl::Seconds(3)));
  const auto got = Call();
  EXPECT_THAT(got, HasReason("SIGNER_UNAVAILABLE"));
  EXPECT_THAT(std::string(got.status().message()), HasSubstr(" times in "));
  EXPECT_GE(calls_, 60 / 4.5);
  EXPECT_LE(calls_, 20);
  EXPECT_LE(slept_, absl::Seconds(60));
  EXPECT_GT(slept_, absl::Seconds(55));
  EXPECT_EQ(told.size(), static_cast<size_t>(calls_) - 1);
}

TEST_F(CallTest, GivesUpAfterFiveAttemptsThatNobodyAnswered) {
  FailFirst(100, absl::UnavailableError("nobody"));
  EXPECT_THAT(Call(), HasReason("SERVER_UNREACHABLE"));
  EXPECT_EQ(calls_, 5);
}

TEST_F(CallTest, DoesNotRepeatADenial) {
  FailFirst(100, absl::PermissionDeniedError("no"));
  EXPECT_THAT(Call(), HasCode(absl::StatusCode::kPermissionDenied));
  EXPECT_EQ(calls_, 1);
}

TEST_F(CallTest, EndsAPauseWhenTheUserInterrupts) {
  FailFirst(100, Away(absl::Seconds(20)));
  options_.call_timeout = absl::Minutes(5);
  options_.sleep = [this](absl::Duration) { interrupted_ = true; };
  EXPECT_THAT(Call(), HasReason("INTERRUPTED"));
  EXPECT_EQ(calls_, 1);
}

TEST_F(CallTest, EndsACallThatIsUnderWayWhenTheUserInterrupts) {
  server_.answers().get_caller = [this](const v1::GetCallerRequest&,
                                        v1::Caller*) {
    interrupted_ = true;
    // The answer comes after the client has left.
    base::SleepFor(absl::Milliseconds(300));
    return grpc::Status::OK;
  };
  // Whichever comes first, the answer or the cancellation, nothing hangs.
  const auto got = Call();
  EXPECT_THAT(got, AnyOf(base::IsOk(), HasReason("INTERRUPTED")));
}

TEST_F(CallTest, EndsAtTheDeadline) {
  options_.call_timeout = absl::Milliseconds(50);
  // The handler may outlive the test's body.
  const auto done = std::make_shared<std::atomic<bool>>(false);
  server_.answers().get_caller = [done](const v1::GetCallerRequest&,
                                        v1::Caller*) {
    while (!*done) base::SleepFor(absl::Milliseconds(5));
    return grpc::Status::OK;
  };
  EXPECT_THAT(Call(), HasCode(absl::StatusCode::kDeadlineExceeded));
  *done = true;
}

TEST_F(CallTest, NamesAServerThatIsNotThere) {
  options_.retry.max_attempts = 2;
  Connection connection(
      grpc::CreateChannel("localhost:1", grpc::InsecureChannelCredentials()),
      options_, clock_, random_);
  EXPECT_THAT(GetCaller(connection), HasReason("SERVER_UNREACHABLE"));
}

}  // namespace
}  // namespace countersign::client
