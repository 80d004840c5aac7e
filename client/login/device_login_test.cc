#include "client/login/device_login.h"

#include <string>
#include <vector>

#include "base/json.h"
#include "base/status_macros.h"
#include "base/status_matchers.h"
#include "client/login/fake_issuer.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using testing::HasSubstr;

class DeviceLoginTest : public testing::Test {
 protected:
  void Begin(const base::Json::Object& changes = {}) {
    base::Json answer(base::Json::Object{
        {"device_code", "dev"},
        {"user_code", "ABCD-EFGH"},
        {"verification_uri", "https://login.example.org/activate"},
        {"expires_in", 600},
        {"interval", 2}});
    for (const auto& [name, value] : changes) answer.Set(name, value);
    issuer_.Answer("/device", 200, base::CompactJson(answer));
  }
  void Pending(const char* error = "authorization_pending") {
    issuer_.Answer("/token", 400, std::string("{\"error\":\"") + error + "\"}");
  }
  absl::StatusOr<TokenAnswer> Run() {
    const LoginWorld world = issuer_.World();
    ASSIGN_OR_RETURN(const IssuerClient client,
                     MeetIssuer(world, issuer_.Settings()));
    started_ = issuer_.clock.Now();
    return LoginByDevice(world, client, [this](const LoginPrompt& prompt) {
      shown_.push_back(prompt);
    });
  }
  absl::Duration Took() { return issuer_.clock.Now() - started_; }

  FakeIssuer issuer_;
  absl::Time started_;
  std::vector<LoginPrompt> shown_;
};

TEST_F(DeviceLoginTest, PollsUntilThePersonHasAgreed) {
  Begin({{"verification_uri_complete", "https://login.example.org/a?c=ABCD"}});
  Pending();
  Pending();
  issuer_.Answer("/token", 200, issuer_.Tokens("at", "", "rt"));
  ASSERT_OK_AND_ASSIGN(const TokenAnswer tokens, Run());
  EXPECT_EQ(tokens.access_token.DangerouslyExpose(), "at");
  EXPECT_EQ(Took(), absl::Seconds(6));
  ASSERT_EQ(shown_.size(), 1u);
  EXPECT_EQ(shown_[0].user_code, "ABCD-EFGH");
  EXPECT_EQ(shown_[0].url, "https://login.example.org/activate");
  EXPECT_EQ(shown_[0].complete_url, "https://login.example.org/a?c=ABCD");
  const std::vector<base::HttpsCall> begun = issuer_.CallsTo("/device");
  ASSERT_EQ(begun.size(), 1u);
  EXPECT_EQ(FormValueOf(begun[0], "client_id"), "cli");
  EXPECT_EQ(FormValueOf(begun[0], "scope"), "openid offline_access");
  const std::vector<base::HttpsCall> polls = issuer_.CallsTo("/token");
  ASSERT_EQ(polls.size(), 3u);
  EXPECT_EQ(FormValueOf(polls[2], "device_code"), "dev");
  EXPECT_EQ(FormValueOf(polls[2], "grant_type"),
            "urn:ietf:params:oauth:grant-type:device_code");
}

TEST_F(DeviceLoginTest, SlowsDownByFiveSecondsForGood) {
  Begin();
  Pending("slow_down");
  Pending();
  issuer_.Answer("/token", 200, issuer_.Tokens("at", "", ""));
  EXPECT_OK(Run().status());
  EXPECT_EQ(Took(), absl::Seconds(2 + 7 + 7));
}

TEST_F(DeviceLoginTest, BacksOffWhileNobodyAnswers) {
  Begin();
  issuer_.Answer("/token", 599, "");
  issuer_.Answer("/token", 503, "");
  issuer_.Answer("/token", 200, issuer_.Tokens("at", "", ""));
  EXPECT_OK(Run().status());
  EXPECT_EQ(Took(), absl::Seconds(2 + 4 + 8));
}

TEST_F(DeviceLoginTest, EndsWithTheCode) {
  Begin({{"expires_in", 5}});
  for (int i = 0; i < 5; ++i) Pending();
  EXPECT_THAT(Run().status(), HasReason("LOGIN_TIMED_OUT"));
  EXPECT_EQ(issuer_.CallsTo("/token").size(), 2u);
}

TEST_F(DeviceLoginTest, EndsWhenTheIssuerSaysSo) {
  Begin();
  Pending("expired_token");
  EXPECT_THAT(Run().status(), HasReason("LOGIN_TIMED_OUT"));
  Begin();
  Pending("access_denied");
  EXPECT_THAT(Run().status(), HasReason("LOGIN_DENIED"));
  Begin();
  issuer_.Answer(
      "/token", 401,
      R"({"error":"invalid_client","error_description":"a\u001bb"})");
  EXPECT_THAT(Run().status(),
              base::StatusIs(absl::StatusCode::kUnauthenticated,
                             HasSubstr("invalid_client: a\\x1bb")));
}

TEST_F(DeviceLoginTest, EndsWithCtrlC) {
  Begin();
  Pending();
  const LoginWorld world = issuer_.World();
  ASSERT_OK_AND_ASSIGN(const IssuerClient client,
                       MeetIssuer(world, issuer_.Settings()));
  EXPECT_THAT(
      LoginByDevice(world, client,
                    [this](const LoginPrompt&) { issuer_.interrupted = true; })
          .status(),
      HasReason("INTERRUPTED"));
  EXPECT_TRUE(issuer_.CallsTo("/token").empty());
}

TEST_F(DeviceLoginTest, RefusesPagesThatAreNotSafeToOpen) {
  for (const char* url : {"http://login.example.org", "javascript:x", ""}) {
    Begin({{"verification_uri", url}});
    EXPECT_THAT(Run().status(), HasReason("ISSUER_ANSWER_WRONG")) << url;
  }
  Begin({{"verification_uri_complete", "file:///etc"}});
  EXPECT_THAT(Run().status(), HasReason("ISSUER_ANSWER_WRONG"));
  EXPECT_TRUE(shown_.empty());
}

TEST_F(DeviceLoginTest, NeedsAnIssuerThatHasIt) {
  issuer_.document.Erase("device_authorization_endpoint");
  EXPECT_THAT(Run().status(), HasReason("LOGIN_WAY_MISSING"));
}

TEST_F(DeviceLoginTest, SaysWhomTheTokenIsFor) {
  Begin();
  issuer_.Answer("/token", 200, issuer_.Tokens("at", "", ""));
  LoginSettings settings = issuer_.Settings();
  settings.audience = "https://sign.example.org";
  const LoginWorld world = issuer_.World();
  ASSERT_OK_AND_ASSIGN(const IssuerClient client, MeetIssuer(world, settings));
  EXPECT_OK(LoginByDevice(world, client, [](const LoginPrompt&) {}).status());
  for (const char* path : {"/device", "/token"}) {
    const base::HttpsCall call = issuer_.CallsTo(path)[0];
    EXPECT_EQ(FormValueOf(call, "audience"), settings.audience);
    EXPECT_EQ(FormValueOf(call, "resource"), settings.audience);
  }
}

}  // namespace
}  // namespace countersign::client
