#include "base/https_call.h"

#include <cstdlib>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/error.h"
#include "base/status_matchers.h"
#include "base/testing_https_server.h"
#include "base/tls_policy.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::base {
namespace {

using ::testing::_;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kSecret[] = "s3cr3t-value";

TestingReply Fine(const TestingRequest&) {
  TestingReply reply;
  reply.headers = {
      {"Cache-Control", "max-age=60"}, {"X-Twice", "a"}, {"x-twice", "b"}};
  reply.body = "fine";
  return reply;
}

HttpsCall To(const TestingHttpsServer& server, const std::string& target) {
  HttpsCall call;
  call.url = absl::StrCat(server.origin(), target);
  call.ca_pem = server.ca_pem();
  return call;
}

TEST(CallHttpsTest, GetsAnAnswerWithItsHeaders) {
  TestingHttpsServer server(Fine);
  HttpsCall call = To(server, "/keys?a=b");
  call.headers = {{"authorization", absl::StrCat("Bearer ", kSecret)}};
  ASSERT_OK_AND_ASSIGN(const HttpsAnswer answer, CallHttps(call));
  EXPECT_EQ(answer.code, 200);
  EXPECT_EQ(answer.body, "fine");
  EXPECT_EQ(answer.headers.at("cache-control"), "max-age=60");
  EXPECT_EQ(answer.headers.at("x-twice"), "a, b");
  const TestingRequest request = server.Requests().at(0);
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.target, "/keys?a=b");
  EXPECT_EQ(request.headers.at("authorization"),
            absl::StrCat("Bearer ", kSecret));
}

TEST(CallHttpsTest, PostsAForm) {
  TestingHttpsServer server(Fine);
  HttpsCall call = To(server, "/token");
  call.form = {{"grant_type", "urn:x:y"}, {"a b", "c&d=e"}};
  ASSERT_OK(CallHttps(call).status());
  const TestingRequest request = server.Requests().at(0);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.headers.at("content-type"),
            "application/x-www-form-urlencoded");
  EXPECT_EQ(request.body, "grant_type=urn%3Ax%3Ay&a%20b=c%26d%3De");
}

TEST(CallHttpsTest, TakesAnyStatusAndFollowsNothing) {
  TestingHttpsServer server([](const TestingRequest&) {
    TestingReply reply;
    reply.code = 302;
    reply.headers = {{"Location", "/elsewhere"}};
    return reply;
  });
  ASSERT_OK_AND_ASSIGN(const HttpsAnswer answer, CallHttps(To(server, "/")));
  EXPECT_EQ(answer.code, 302);
  EXPECT_EQ(server.Requests().size(), 1u);
}

TEST(CallHttpsTest, SpeaksPlainHttpToThisMachineAlone) {
  TestingHttpsServer::Options options;
  options.tls = false;
  TestingHttpsServer server(Fine, options);
  HttpsCall call;
  call.url = server.origin();
  EXPECT_OK(CallHttps(call).status());
}

TEST(CallHttpsTest, SpeaksTls12WhereTheProcessDoesNot) {
  ASSERT_OK(RequireTls13());
  TestingHttpsServer::Options options;
  options.only_tls12 = true;
  TestingHttpsServer server(Fine, options);
  EXPECT_OK(CallHttps(To(server, "/")).status());
}

TEST(CallHttpsTest, TrustsTheGivenAuthoritiesOnly) {
  TestingHttpsServer server(Fine);
  TestingHttpsServer other(Fine);
  HttpsCall call = To(server, "/");
  call.ca_pem = other.ca_pem();
  const absl::Status foreign = CallHttps(call).status();
  EXPECT_THAT(foreign, StatusIs(absl::StatusCode::kUnavailable,
                                HasSubstr(server.origin())));
  EXPECT_EQ(GetReason(foreign), "CERTIFICATE");
  call.ca_pem.clear();  // the system's do not know it either
  EXPECT_EQ(GetReason(CallHttps(call).status()), "CERTIFICATE");
  call.ca_pem = "no certificate";
  EXPECT_THAT(CallHttps(call), StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_TRUE(server.Requests().empty());
}

TEST(CallHttpsTest, ChecksTheNameOfTheServer) {
  TestingHttpsServer::Options options;
  options.names = "DNS:elsewhere.example";
  TestingHttpsServer server(Fine, options);
  EXPECT_EQ(GetReason(CallHttps(To(server, "/")).status()), "CERTIFICATE");
  EXPECT_TRUE(server.Requests().empty());
}

TEST(CallHttpsTest, BoundsTheAnswer) {
  TestingHttpsServer server([](const TestingRequest&) {
    TestingReply reply;
    reply.body = std::string(1001, 'x');
    return reply;
  });
  HttpsCall call = To(server, "/");
  call.max_octets = 1001;
  EXPECT_OK(CallHttps(call).status());
  call.max_octets = 1000;
  const absl::Status status = CallHttps(call).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted, _));
  EXPECT_EQ(GetReason(status), "ANSWER_TOO_LONG");
}

TEST(CallHttpsTest, BoundsTheHeaders) {
  TestingHttpsServer server([](const TestingRequest&) {
    TestingReply reply;
    reply.headers.assign(100, {"X-Long", std::string(1000, 'x')});
    return reply;
  });
  EXPECT_THAT(CallHttps(To(server, "/")),
              StatusIs(absl::StatusCode::kResourceExhausted, _));
}

TEST(CallHttpsTest, BoundsTheTimeAndTellsNoSecret) {
  TestingHttpsServer server([](const TestingRequest&) {
    TestingReply reply;
    reply.hang = true;
    return reply;
  });
  HttpsCall call = To(server, absl::StrCat("/", kSecret, "?q=", kSecret));
  call.headers = {{"authorization", kSecret}};
  call.form = {{"client_secret", kSecret}};
  call.timeout = absl::Milliseconds(200);
  const absl::Status status = CallHttps(call).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable,
                               Not(HasSubstr(kSecret))));
  EXPECT_EQ(GetReason(status), "TOO_SLOW");
  EXPECT_FALSE(absl::StrContains(status.ToString(), kSecret));
}

TEST(CallHttpsTest, EndsWhenTheCallerWantsNoMore) {
  TestingHttpsServer server([](const TestingRequest&) {
    TestingReply reply;
    reply.hang = true;
    return reply;
  });
  HttpsCall call = To(server, "/");
  call.timeout = absl::Minutes(1);
  call.interrupted = [&] { return !server.Requests().empty(); };
  EXPECT_THAT(CallHttps(call), StatusIs(absl::StatusCode::kCancelled, _));
}

TEST(CallHttpsTest, SaysThatNobodyListens) {
  HttpsCall call;
  {
    TestingHttpsServer server(Fine);
    call = To(server, "/");
  }
  EXPECT_EQ(GetReason(CallHttps(call).status()), "NO_ANSWER");
}

TEST(CallHttpsTest, RefusesHeadersThatWouldBeTwo) {
  TestingHttpsServer server(Fine);
  HttpsCall call = To(server, "/");
  call.headers = {{"authorization", absl::StrCat(kSecret, "\r\nx: y")}};
  EXPECT_THAT(CallHttps(call), StatusIs(absl::StatusCode::kInvalidArgument,
                                        Not(HasSubstr(kSecret))));
}

// The proxy is asked for the tunnel to a host that only it would know.
TEST(CallHttpsTest, TakesTheProxyOfTheEnvironment) {
  TestingHttpsServer::Options options;
  options.tls = false;
  TestingHttpsServer proxy(
      [](const TestingRequest&) {
        TestingReply reply;
        reply.code = 403;
        return reply;
      },
      options);
  setenv("https_proxy", proxy.origin().c_str(), 1);
  HttpsCall call;
  call.url = absl::StrCat("https://login.invalid/", kSecret);
  EXPECT_THAT(CallHttps(call), StatusIs(absl::StatusCode::kUnavailable,
                                        Not(HasSubstr(kSecret))));
  // But not for this machine.
  TestingHttpsServer server(Fine);
  EXPECT_OK(CallHttps(To(server, "/")).status());
  unsetenv("https_proxy");
  ASSERT_EQ(proxy.Requests().size(), 1u);
  EXPECT_EQ(proxy.Requests()[0].method, "CONNECT");
  EXPECT_EQ(proxy.Requests()[0].target, "login.invalid:443");
}

TEST(CheckHttpsUrlTest, TakesHttpsAndLoopback) {
  for (const char* url :
       {"https://login.example/a?b=c", "https://login.example:8443",
        "http://127.0.0.1:1", "http://127.1.2.3/", "http://[::1]:80/",
        "http://localhost/", "https://user.example/@x"}) {
    EXPECT_OK(CheckHttpsUrl(url)) << url;
  }
}

TEST(CheckHttpsUrlTest, RefusesTheRest) {
  const std::pair<const char*, const char*> rows[] = {
      {"", "not a URL"},
      {"login.example", "not a URL"},
      {"/etc/passwd", "not a URL"},
      {"https://", "not a URL"},
      {"https://a b/", "not a URL"},
      {"https://a\\@b/", "not a URL"},
      {"https://a/\n", "not a URL"},
      {"http://login.example/", "must be https"},
      {"http://127.0.0.1.evil.example/", "must be https"},
      {"http://localhost.evil.example/", "must be https"},
      {"http://1270.0.0.1/", "must be https"},
      {"file:///etc/passwd", "must be https"},
      {"ftp://a/", "must be https"},
      {"https://user:password@a/", "must not hold a user"},
      {"https://user@a/", "must not hold a user"},
      {"http://127.0.0.1@evil.example/", "must not hold a user"},
      {"https://a/#b", "must not hold a fragment"},
  };
  for (const auto& [url, why] : rows) {
    EXPECT_THAT(CheckHttpsUrl(url),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(why)))
        << url;
  }
}

}  // namespace
}  // namespace countersign::base
