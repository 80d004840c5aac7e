#include "client/api/call_token.h"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "base/status_matchers.h"
#include "client/api/audit_client.h"
#include "client/api/client_error.h"
#include "client/api/connection.h"
#include "client/api/fake_token_source.h"
#include "client/api/signing_client.h"
#include "client/api/test_server.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr char kName[] =
    "products/p/operations/o/signingRequests/"
    "0198f000-0000-7000-8000-000000000000";

absl::Status Expired() {
  return base::MakeError(absl::StatusCode::kUnauthenticated,
                         "the token has ended", Because("TOKEN_EXPIRED"));
}

absl::Status KeysAway() {
  base::ErrorDetails details;
  details.reason = "ISSUER_KEYS_UNAVAILABLE";
  details.retry_delay = absl::Seconds(2);
  return base::MakeError(absl::StatusCode::kUnavailable, "keys are fetched",
                         details);
}

// A server that takes "good" tokens and keeps what it was shown.
class CallTokenTest : public testing::Test {
 protected:
  CallTokenTest() {
    server_.answers().admit = [this](const std::string& authorization) {
      shown_.push_back(authorization);
      return authorization == "Bearer good" ? absl::OkStatus() : Expired();
    };
    server_.answers().get_caller = [](const v1::GetCallerRequest&,
                                      v1::Caller*) { return grpc::Status::OK; };
  }

  std::unique_ptr<Connection> Connect(std::vector<std::string> tokens) {
    ConnectionOptions options;
    options.sleep = [this](absl::Duration d) { slept_ += d; };
    return std::make_unique<Connection>(
        server_.Channel(), options, clock_, random_,
        std::make_unique<FakeTokenSource>(std::move(tokens), requests_));
  }

  TestServer server_;
  base::SystemClock clock_;
  base::SystemRandom random_;
  TokenRequests requests_;
  std::vector<std::string> shown_;
  absl::Duration slept_;
};

TEST_F(CallTokenTest, GoesWithEachCall) {
  const auto connection = Connect({"good"});
  ASSERT_OK(GetCaller(*connection));
  ASSERT_OK(GetCaller(*connection));
  EXPECT_THAT(shown_, ElementsAre("Bearer good", "Bearer good"));
  EXPECT_EQ(requests_.asked, 2);
}

TEST_F(CallTokenTest, IsNotThereWithoutASource) {
  Connection connection(server_.Channel(), {}, clock_, random_);
  EXPECT_THAT(GetCaller(connection), HasReason("TOKEN_EXPIRED"));
  EXPECT_THAT(shown_, ElementsAre(""));
}

TEST_F(CallTokenTest, IsAskedForAnewOnceWhereTheServerCallsItExpired) {
  const auto connection = Connect({"old", "good"});
  ASSERT_OK(GetCaller(*connection));
  EXPECT_THAT(shown_, ElementsAre("Bearer old", "Bearer good"));
  EXPECT_EQ(requests_.refused, 1);
  EXPECT_EQ(slept_, absl::ZeroDuration());
}

TEST_F(CallTokenTest, IsNotAskedForASecondTime) {
  const auto connection = Connect({"old", "older", "good"});
  EXPECT_THAT(GetCaller(*connection), HasReason("TOKEN_EXPIRED"));
  EXPECT_EQ(shown_.size(), 2u);
}

TEST_F(CallTokenTest, IsNotSentAgainWhereTheSourceHasTheSameOne) {
  const auto connection = Connect({"old", "old"});
  EXPECT_THAT(GetCaller(*connection), HasReason("TOKEN_EXPIRED"));
  EXPECT_THAT(shown_, ElementsAre("Bearer old"));
}

TEST_F(CallTokenTest, LeavesTheWordToTheSourceWhereThatHasNoOther) {
  EXPECT_THAT(GetCaller(*Connect({"old"})), HasReason("LOGIN_NEEDED"));
  EXPECT_THAT(GetCaller(*Connect({})), HasReason("LOGIN_NEEDED"));
}

TEST_F(CallTokenTest, IsCheckedBeforeItIsSent) {
  const auto got = GetCaller(*Connect({"s3cret\nx: y"}));
  EXPECT_THAT(got, HasReason("TOKEN_MALFORMED"));
  EXPECT_THAT(std::string(got.status().message()), Not(HasSubstr("s3cret")));
  EXPECT_TRUE(shown_.empty());
}

TEST_F(CallTokenTest, WaitsForTheIssuersKeysEvenWhereNothingElseIsRepeated) {
  int calls = 0;
  server_.answers().admit = [&calls](const std::string&) {
    return ++calls <= 2 ? KeysAway() : absl::OkStatus();
  };
  server_.answers().approve = [](const v1::ApproveSigningRequestRequest&,
                                 v1::SigningRequest*) {
    return grpc::Status::OK;
  };
  const auto connection = Connect({"good"});
  EXPECT_OK(SigningClient(*connection).Approve(kName, "etag", ""));
  EXPECT_EQ(calls, 3);
  EXPECT_GE(slept_, absl::Seconds(4));
}

TEST_F(CallTokenTest, LetsADecisionBeMadeWithTheNextToken) {
  int approved = 0;
  server_.answers().approve = [&approved](
                                  const v1::ApproveSigningRequestRequest&,
                                  v1::SigningRequest*) {
    ++approved;
    return grpc::Status::OK;
  };
  const auto connection = Connect({"old", "good"});
  EXPECT_OK(SigningClient(*connection).Approve(kName, "etag", ""));
  EXPECT_EQ(approved, 1);
}

// Each stream tells one state and ends as a token's end ends it.
class WatchTokenTest : public CallTokenTest {
 protected:
  void EndAfterOneState(int streams) {
    server_.answers().admit = [this](const std::string& authorization) {
      shown_.push_back(authorization);
      return absl::OkStatus();
    };
    server_.answers().watch = [this, streams](
                                  const v1::WatchSigningRequestRequest& asked,
                                  grpc::ServerWriter<v1::SigningRequest>* out,
                                  const std::function<bool()>&) {
      resumed_after_.push_back(asked.after_revision());
      v1::SigningRequest state;
      state.set_name(kName);
      state.set_revision(++revision_);
      state.set_state(revision_ < streams ? v1::SigningRequest::PENDING_APPROVAL
                                          : v1::SigningRequest::REJECTED);
      out->Write(state);
      return revision_ < streams ? WireError(Expired()) : grpc::Status::OK;
    };
  }

  std::vector<int64_t> resumed_after_;
  int revision_ = 0;
};

TEST_F(WatchTokenTest, GoesOnWithAFreshTokenAsOftenAsOneEnds) {
  EndAfterOneState(3);
  const auto connection = Connect({"first", "second", "third"});
  ASSERT_OK_AND_ASSIGN(
      const v1::SigningRequest got,
      SigningClient(*connection).Wait(kName, absl::InfiniteFuture(), {}));
  EXPECT_EQ(got.state(), v1::SigningRequest::REJECTED);
  EXPECT_THAT(shown_,
              ElementsAre("Bearer first", "Bearer second", "Bearer third"));
  EXPECT_THAT(resumed_after_, ElementsAre(0, 1, 2));
  EXPECT_EQ(slept_, absl::ZeroDuration());
}

TEST_F(WatchTokenTest, EndsWhereThereIsNoOtherToken) {
  EndAfterOneState(3);
  const auto connection = Connect({"first"});
  EXPECT_THAT(
      SigningClient(*connection).Wait(kName, absl::InfiniteFuture(), {}),
      HasReason("LOGIN_NEEDED"));
}

TEST_F(WatchTokenTest, EndsWhereTheServerTakesNone) {
  server_.answers().admit = [](const std::string&) { return Expired(); };
  const auto connection = Connect({"first", "second", "third"});
  EXPECT_THAT(
      SigningClient(*connection).Wait(kName, absl::InfiniteFuture(), {}),
      HasReason("TOKEN_EXPIRED"));
  EXPECT_EQ(requests_.refused, 1);
}

}  // namespace
}  // namespace countersign::client
