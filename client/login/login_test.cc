// Whole logins and their end: settings, the choice of the way, what is kept.
#include "client/login/login.h"

#include <sys/stat.h>

#include <string>
#include <vector>

#include "base/encoding.h"
#include "base/file.h"
#include "base/status_matchers.h"
#include "client/login/check_settings.h"
#include "client/login/fake_issuer.h"
#include "client/login/issuer_client.h"
#include "client/login/refresh_login.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using testing::HasSubstr;

constexpr char kDeviceCode[] =
    R"({"device_code":"d","user_code":"u","verification_uri":"https://a.b"})";

class LoginTest : public testing::Test {
 protected:
  absl::StatusOr<StoredLogin> ByDevice(const std::string& tokens) {
    issuer_.Answer("/device", 200, kDeviceCode);
    issuer_.Answer("/token", 200, tokens);
    return LogIn(issuer_.World(), settings_, {}, [](const LoginPrompt&) {});
  }

  FakeIssuer issuer_;
  LoginSettings settings_ = issuer_.Settings();
};

TEST_F(LoginTest, KeepsTheIdTokenWhereThereIsNoAudience) {
  const std::string id = issuer_.IdToken();
  ASSERT_OK_AND_ASSIGN(const StoredLogin login,
                       ByDevice(issuer_.Tokens("at", id, "rt", 60)));
  EXPECT_TRUE(login.is_id_token);
  EXPECT_EQ(login.token.DangerouslyExpose(), id);
  EXPECT_EQ(login.subject, "ann");
  EXPECT_EQ(login.refresh_token.DangerouslyExpose(), "rt");
  EXPECT_GT(login.expire_time, issuer_.clock.Now() + absl::Minutes(50));
  EXPECT_TRUE(BelongsTo(login, settings_));
}

TEST_F(LoginTest, KeepsTheAccessTokenWhereThereIsAnAudience) {
  settings_.audience = "sign";
  ASSERT_OK_AND_ASSIGN(
      const StoredLogin login,
      ByDevice(issuer_.Tokens("at", issuer_.IdToken(), "", 60)));
  EXPECT_EQ(login.token.DangerouslyExpose(), "at");
  EXPECT_LE(login.expire_time, issuer_.clock.Now() + absl::Minutes(1));
}

TEST_F(LoginTest, RefusesTokensThatDoNotFit) {
  EXPECT_THAT(ByDevice(issuer_.Tokens("at", "", "")).status(),
              HasReason("ISSUER_ANSWER_WRONG"));
  EXPECT_THAT(
      ByDevice(issuer_.Tokens("at", issuer_.IdToken({{"aud", "x"}}), ""))
          .status(),
      HasReason("ISSUER_ANSWER_WRONG"));
  // Of an ID token that is not sent as well.
  settings_.audience = "sign";
  EXPECT_THAT(
      ByDevice(issuer_.Tokens("at", issuer_.IdToken({{"iss", "x"}}), ""))
          .status(),
      HasReason("ISSUER_ANSWER_WRONG"));
}

TEST_F(LoginTest, GoesTheWayThatThereIs) {
  struct Row {
    LoginWay way;
    bool display;
    bool device_endpoint;
    bool browser;
  };
  const Row rows[] = {
      {LoginWay::kAny, true, true, true},
      {LoginWay::kAny, false, true, false},
      {LoginWay::kAny, false, false, true},
      {LoginWay::kBrowser, false, true, true},
      {LoginWay::kDevice, true, true, false},
  };
  for (const Row& row : rows) {
    FakeIssuer issuer;
    if (!row.device_endpoint) {
      issuer.document.Erase("device_authorization_endpoint");
    }
    issuer.Answer("/device", 200, kDeviceCode);
    std::string shown;
    LoginManner manner;
    manner.way = row.way;
    manner.has_display = row.display;
    manner.open = [](const std::string&) { return false; };
    EXPECT_THAT(LogIn(issuer.World(), settings_, manner,
                      [&](const LoginPrompt& prompt) {
                        shown = prompt.url;
                        issuer.interrupted = true;
                      })
                    .status(),
                HasReason("INTERRUPTED"));
    EXPECT_EQ(shown != "https://a.b", row.browser);
  }
}

TEST_F(LoginTest, TellsAllThatIsWrongWithTheSettings) {
  LoginSettings settings;
  settings.issuer = "http://login.example.org";
  settings.scopes = {"a b"};
  settings.token = "refresh_token";
  const absl::Status status = CheckLoginSettings(settings);
  EXPECT_THAT(status, HasReason("LOGIN_SETTINGS_WRONG"));
  for (const char* key : {"issuer", "client_id", "scopes", "token"}) {
    EXPECT_THAT(std::string(status.message()), HasSubstr(key));
  }
  for (const char* url : {"", "https://", "https://a?b", "https://a#b", "a",
                          "https://u@a", "https://a/ b"}) {
    settings_.issuer = url;
    EXPECT_THAT(CheckLoginSettings(settings_),
                HasReason("LOGIN_SETTINGS_WRONG"))
        << url;
  }
  settings_.issuer = "http://127.0.0.1:8080/realm";
  EXPECT_OK(CheckLoginSettings(settings_));
}

TEST_F(LoginTest, AsksForScopesThatTheIssuerKnows) {
  const LoginWorld world = issuer_.World();
  EXPECT_EQ(MeetIssuer(world, settings_)->scope, "openid offline_access");
  settings_.scopes = {"groups"};
  EXPECT_EQ(MeetIssuer(world, settings_)->scope, "openid groups");
  settings_.scopes = {};
  issuer_.document.Erase("scopes_supported");
  EXPECT_EQ(MeetIssuer(world, settings_)->scope, "openid");
}

TEST_F(LoginTest, ProvesTheClientAsTheIssuerTakesIt) {
  settings_.client_secret_file = testing::TempDir() + "secret";
  ASSERT_OK(base::WriteFileAtomically(settings_.client_secret_file, "p:w\n"));
  ASSERT_EQ(chmod(settings_.client_secret_file.c_str(), 0600), 0);
  settings_.audience = "sign";
  ASSERT_OK(ByDevice(issuer_.Tokens("at", "", "")).status());
  const base::HttpsCall basic = issuer_.CallsTo("/token")[0];
  EXPECT_EQ(FormValueOf(basic, "client_secret"), "(none)");
  EXPECT_EQ(basic.headers.back().second,
            "Basic " + base::Base64Encode("cli:p%3Aw"));
  issuer_.document.Set("token_endpoint_auth_methods_supported",
                       base::Json::Array{"client_secret_post"});
  ASSERT_OK(ByDevice(issuer_.Tokens("at", "", "")).status());
  EXPECT_EQ(FormValueOf(issuer_.CallsTo("/token")[1], "client_secret"), "p:w");
  ASSERT_EQ(chmod(settings_.client_secret_file.c_str(), 0644), 0);
  EXPECT_THAT(ByDevice("").status(), HasReason("FILE_UNREADABLE"));
}

TEST_F(LoginTest, ShowsNoSecretInErrors) {
  issuer_.Answer("/device", 200, R"({"device_code":"secret"})");
  const auto run = [&] {
    return LogIn(issuer_.World(), settings_, {}, [](const LoginPrompt&) {})
        .status();
  };
  EXPECT_THAT(run().ToString(), testing::Not(HasSubstr("secret")));
  EXPECT_THAT(ByDevice("{\"access_token\":\"secret\"}").status().ToString(),
              testing::Not(HasSubstr("secret")));
  EXPECT_THAT(ByDevice("secret").status().ToString(),
              testing::Not(HasSubstr("secret")));
}

TEST_F(LoginTest, EndsWithCtrlCInACall) {
  LoginWorld world = issuer_.World();
  world.interrupted = [] { return true; };
  world.https = [](const base::HttpsCall& call) {
    EXPECT_TRUE(call.interrupted());
    return absl::CancelledError("no more of it");
  };
  EXPECT_THAT(LogIn(world, settings_, {}, [](const LoginPrompt&) {}).status(),
              HasReason("INTERRUPTED"));
}

TEST_F(LoginTest, IsRevokedTokenByToken) {
  settings_.audience = "sign";
  ASSERT_OK_AND_ASSIGN(const StoredLogin login,
                       ByDevice(issuer_.Tokens("at", "", "rt")));
  issuer_.Answer("/revoke", 200, "");
  issuer_.Answer("/revoke", 400, R"({"error":"unsupported_token_type"})");
  ASSERT_OK_AND_ASSIGN(const bool revoked,
                       RevokeLogin(issuer_.World(), settings_, login));
  EXPECT_TRUE(revoked);
  const std::vector<base::HttpsCall> calls = issuer_.CallsTo("/revoke");
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_EQ(FormValueOf(calls[0], "token"), "rt");
  EXPECT_EQ(FormValueOf(calls[0], "token_type_hint"), "refresh_token");
  EXPECT_EQ(FormValueOf(calls[1], "token"), "at");
  issuer_.Answer("/revoke", 401, R"({"error":"invalid_client"})");
  EXPECT_THAT(RevokeLogin(issuer_.World(), settings_, login).status(),
              HasReason("ISSUER_REFUSED"));
  issuer_.document.Erase("revocation_endpoint");
  ASSERT_OK_AND_ASSIGN(const bool possible,
                       RevokeLogin(issuer_.World(), settings_, login));
  EXPECT_FALSE(possible);
}

}  // namespace
}  // namespace countersign::client
