#include "client/login/login_token_source.h"

#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/status_matchers.h"
#include "client/login/fake_issuer.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using testing::AllOf;
using testing::HasSubstr;

class LoginTokenSourceTest : public testing::Test {
 protected:
  LoginTokenSourceTest() {
    static int number = 0;
    home_ = testing::TempDir() + "source" + std::to_string(number++);
    settings_.audience = "sign";
    settings_.context = "dave";
  }
  TokenStore Store() {
    return *TokenStore::Find(
        [this](const std::string&) { return std::optional(home_); }, settings_);
  }
  // Good for an hour from now.
  void LogIn(const std::string& token, const std::string& refresh) {
    StoredLogin login;
    login.issuer = settings_.issuer;
    login.client_id = settings_.client_id;
    login.audience = settings_.audience;
    login.is_id_token = settings_.audience.empty();
    login.subject = "ann";
    login.token = base::SecretBytes(token);
    login.refresh_token = base::SecretBytes(refresh);
    login.obtain_time = issuer_.clock.Now();
    login.expire_time = issuer_.clock.Now() + absl::Hours(1);
    ASSERT_OK(Store().Save(login));
  }
  LoginTokenSource Source() {
    return LoginTokenSource(settings_, Store(), issuer_.World());
  }
  static std::string Text(const absl::StatusOr<BearerToken>& token) {
    return token.ok() ? std::string(token->value.DangerouslyExpose())
                      : base::GetReason(token.status());
  }
  size_t Refreshes() { return issuer_.CallsTo("/token").size(); }

  FakeIssuer issuer_;
  LoginSettings settings_ = issuer_.Settings();
  std::string home_;
};

TEST_F(LoginTokenSourceTest, SaysWhatToDoBeforeALogin) {
  LoginTokenSource source = Source();
  EXPECT_THAT(
      source.Get(false).status(),
      AllOf(HasReason("LOGIN_NEEDED"),
            base::StatusIs(absl::StatusCode::kUnauthenticated,
                           HasSubstr("countersign login --context dave"))));
  EXPECT_EQ(source.Describe(), "login at https://login.example.org");
}

TEST_F(LoginTokenSourceTest, GivesTheStoredTokenWithoutAskingAnybody) {
  LogIn("t1", "r1");
  LoginTokenSource source = Source();
  EXPECT_EQ(Text(source.Get(false)), "t1");
  issuer_.clock.Advance(absl::Minutes(58));
  ASSERT_OK_AND_ASSIGN(const BearerToken token, source.Get(false));
  EXPECT_EQ(token.expire_time, issuer_.clock.Now() + absl::Minutes(2));
  EXPECT_EQ(Refreshes(), 0u);
}

TEST_F(LoginTokenSourceTest, RefreshesShortlyBeforeTheEndAndKeepsTheRotation) {
  LogIn("t1", "r1");
  issuer_.clock.Advance(absl::Minutes(59));
  issuer_.Answer("/token", 200, issuer_.Tokens("t2", "", "r2"));
  LoginTokenSource source = Source();
  EXPECT_EQ(Text(source.Get(false)), "t2");
  EXPECT_EQ(Text(source.Get(false)), "t2");
  ASSERT_EQ(Refreshes(), 1u);
  const base::HttpsCall call = issuer_.CallsTo("/token")[0];
  EXPECT_EQ(FormValueOf(call, "grant_type"), "refresh_token");
  EXPECT_EQ(FormValueOf(call, "refresh_token"), "r1");
  EXPECT_EQ(FormValueOf(call, "audience"), "sign");
  EXPECT_EQ(Store().Load()->value().refresh_token.DangerouslyExpose(), "r2");
  // Where no new one comes the old one goes on.
  issuer_.clock.Advance(absl::Hours(1));
  issuer_.Answer("/token", 200, issuer_.Tokens("t3", "", ""));
  EXPECT_EQ(Text(source.Get(false)), "t3");
  EXPECT_EQ(Store().Load()->value().refresh_token.DangerouslyExpose(), "r2");
}

TEST_F(LoginTokenSourceTest, GetsAnotherTokenForOneThatTheServerRefused) {
  LogIn("t1", "r1");
  LoginTokenSource source = Source();
  EXPECT_EQ(Text(source.Get(false)), "t1");
  issuer_.Answer("/token", 200, issuer_.Tokens("t2", "", ""));
  EXPECT_EQ(Text(source.Get(true)), "t2");
}

TEST_F(LoginTokenSourceTest, TakesWhatAnotherProcessHasRefreshed) {
  LogIn("t1", "r1");
  LoginTokenSource source = Source();
  EXPECT_EQ(Text(source.Get(false)), "t1");
  LogIn("t2", "r2");
  EXPECT_EQ(Text(source.Get(true)), "t2");
  EXPECT_EQ(Refreshes(), 0u);
}

TEST_F(LoginTokenSourceTest, GoesOnWhileTheIssuerIsAway) {
  LogIn("t1", "r1");
  LoginTokenSource source = Source();
  issuer_.clock.Advance(absl::Seconds(3599));
  issuer_.Answer("/token", 503, "");
  EXPECT_EQ(Text(source.Get(false)), "t1");
  issuer_.clock.Advance(absl::Seconds(1));
  issuer_.Answer("/token", 503, "");
  EXPECT_EQ(Text(source.Get(false)), "ISSUER_UNAVAILABLE");
  // A token that was refused is not given again.
  LogIn("t3", "r3");
  EXPECT_EQ(Text(source.Get(false)), "t3");
  issuer_.Answer("/token", 503, "");
  EXPECT_EQ(Text(source.Get(true)), "ISSUER_UNAVAILABLE");
}

TEST_F(LoginTokenSourceTest, NeedsANewLoginWhereTheIssuerHasEndedIt) {
  LogIn("t1", "r1");
  issuer_.clock.Advance(absl::Hours(2));
  issuer_.Answer("/token", 400, R"({"error":"invalid_grant"})");
  EXPECT_EQ(Text(Source().Get(false)), "LOGIN_NEEDED");
  LogIn("t1", "");
  EXPECT_EQ(Text(Source().Get(false)), "t1");
  issuer_.clock.Advance(absl::Hours(1));
  EXPECT_EQ(Text(Source().Get(false)), "LOGIN_NEEDED");
}

TEST_F(LoginTokenSourceTest, NeedsANewLoginForOtherSettings) {
  LogIn("t1", "r1");
  settings_.issuer = "https://other.example.org";
  EXPECT_EQ(Text(Source().Get(false)), "LOGIN_NEEDED");
  EXPECT_TRUE(issuer_.CallsTo("/token").empty());
}

TEST_F(LoginTokenSourceTest, ChecksTheNewIdTokenAgainstTheOldOne) {
  settings_.audience.clear();
  LogIn("t1", "r1");
  issuer_.clock.Advance(absl::Hours(1));
  issuer_.Answer("/token", 200,
                 issuer_.Tokens("a", issuer_.IdToken({{"sub", "eve"}}), "r2"));
  EXPECT_EQ(Text(Source().Get(false)), "ISSUER_ANSWER_WRONG");
  issuer_.Answer("/token", 200,
                 issuer_.Tokens("a", issuer_.IdToken({{"nonce", "x"}}), ""));
  EXPECT_EQ(Text(Source().Get(false)), "ISSUER_ANSWER_WRONG");
  issuer_.Answer("/token", 200, issuer_.Tokens("a", "", ""));
  EXPECT_EQ(Text(Source().Get(false)), "LOGIN_NEEDED");
  const std::string id = issuer_.IdToken();
  issuer_.Answer("/token", 200, issuer_.Tokens("a", id, ""));
  EXPECT_EQ(Text(Source().Get(false)), id);
}

TEST_F(LoginTokenSourceTest, RefreshesOnceForAllThreads) {
  LogIn("t1", "r1");
  issuer_.clock.Advance(absl::Hours(1));
  issuer_.Answer("/token", 200, issuer_.Tokens("t2", "", "r2"));
  LoginTokenSource source = Source();
  std::vector<std::string> got(8);
  std::vector<std::thread> threads;
  threads.reserve(got.size());
  for (std::string& one : got) {
    threads.emplace_back([&] { one = Text(source.Get(false)); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(got, testing::Each("t2"));
  EXPECT_EQ(Refreshes(), 1u);
}

}  // namespace
}  // namespace countersign::client
