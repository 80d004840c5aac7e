// login and logout as commands, with an issuer that answers by script.
#include <sys/stat.h>

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/json.h"
#include "base/status_matchers.h"
#include "client/cli/app.h"
#include "client/cli/console.h"
#include "client/login/fake_issuer.h"
#include "client/login/token_store.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kDeviceCode[] =
    R"({"device_code":"dev-secret","user_code":"AB\u001b-CD","interval":1,
        "verification_uri":"https://login.example.org/activate"})";

struct Output {
  int code = 0;
  std::string out;
  std::string err;
};

class LoginCommandsTest : public testing::Test {
 protected:
  LoginCommandsTest() {
    static int number = 0;
    home_ = testing::TempDir() + "commands" + std::to_string(number++);
  }

  Output Countersign(std::vector<std::string> arguments) {
    std::ostringstream out;
    std::ostringstream err;
    std::istringstream in;
    Console console{out,
                    err,
                    in,
                    false,
                    [this](const std::string& name) {
                      return name == "HOME" ? std::optional(home_)
                                            : std::nullopt;
                    },
                    issuer_.clock,
                    issuer_.random};
    console.https = issuer_.World().https;
    for (const char* word :
         {"--issuer", FakeIssuer::kUrl, "--client-id", "cli"}) {
      arguments.push_back(word);
    }
    Output run;
    run.code = static_cast<int>(RunCli(arguments, console));
    run.out = out.str();
    run.err = err.str();
    return run;
  }
  // Ends with a token of the device flow.
  Output LogIn(const std::string& refresh, std::vector<std::string> more = {}) {
    issuer_.Answer("/device", 200, kDeviceCode);
    issuer_.Answer("/token", 200,
                   issuer_.Tokens("at-secret", issuer_.IdToken(), refresh));
    more.insert(more.begin(), {"login", "--device"});
    return Countersign(more);
  }
  // The one file of tokens; empty where there is none.
  std::string Stored() { return base::ReadFile(Path()).value_or(""); }
  std::string Path() {
    LoginSettings settings = issuer_.Settings();
    return TokenStore::Find(
               [this](const std::string& name) {
                 return name == "HOME" ? std::optional(home_) : std::nullopt;
               },
               settings)
        ->path();
  }

  FakeIssuer issuer_;
  std::string home_;
};

TEST_F(LoginCommandsTest, ShowACodeAndSayWhoIsLoggedIn) {
  const Output run = LogIn("rt-secret");
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("https://login.example.org/activate"));
  EXPECT_THAT(run.err, HasSubstr("AB\\x1b-CD"));
  EXPECT_THAT(run.out, HasSubstr("https://login.example.org"));
  EXPECT_THAT(run.out, HasSubstr("ann"));
  EXPECT_THAT(run.out, HasSubstr("by itself"));
  EXPECT_THAT(run.out + run.err, Not(HasSubstr("secret")));
  EXPECT_THAT(run.out + run.err, Not(HasSubstr(issuer_.IdToken())));
  EXPECT_THAT(Stored(), HasSubstr("rt-secret"));
  EXPECT_THAT(Stored(), Not(HasSubstr("at-secret")));  // it is not sent
}

TEST_F(LoginCommandsTest, SpeakJson) {
  const Output run = LogIn("", {"-o", "json"});
  EXPECT_EQ(run.code, 0) << run.err;
  ASSERT_OK_AND_ASSIGN(const base::Json prompt, base::ParseJson(run.err));
  EXPECT_EQ(*prompt.Find("url"),
            base::Json("https://login.example.org/activate"));
  ASSERT_OK_AND_ASSIGN(const base::Json result, base::ParseJson(run.out));
  EXPECT_EQ(*result.Find("subject"), base::Json("ann"));
  EXPECT_EQ(*result.Find("refreshable"), base::Json(false));
  EXPECT_NE(result.Find("expireTime"), nullptr);
}

TEST_F(LoginCommandsTest, LogOutAndRevoke) {
  ASSERT_EQ(LogIn("rt-secret").code, 0);
  issuer_.Answer("/revoke", 200, "");
  const Output run = Countersign({"logout"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("revoked"));
  EXPECT_EQ(Stored(), "");
  ASSERT_EQ(issuer_.CallsTo("/revoke").size(), 1u);
  EXPECT_EQ(FormValueOf(issuer_.CallsTo("/revoke")[0], "token"), "rt-secret");
  EXPECT_THAT(Countersign({"logout"}).out, HasSubstr("nobody was logged in"));
}

TEST_F(LoginCommandsTest, LogOutHereWhileTheIssuerIsAway) {
  ASSERT_EQ(LogIn("rt-secret").code, 0);
  issuer_.Answer("/revoke", 599, "");
  const Output run = Countersign({"logout"});
  EXPECT_EQ(run.code, 6);
  EXPECT_THAT(run.err, HasSubstr("deleted here, but not revoked"));
  EXPECT_EQ(Stored(), "");
}

TEST_F(LoginCommandsTest, DeleteWhatOthersMayHaveRead) {
  ASSERT_EQ(LogIn("rt-secret").code, 0);
  ASSERT_EQ(chmod(Path().c_str(), 0644), 0);
  const Output run = Countersign({"logout"});
  EXPECT_EQ(run.code, 3);
  EXPECT_THAT(run.err, HasSubstr("deleted here, but not revoked"));
  EXPECT_EQ(Stored(), "");
}

TEST_F(LoginCommandsTest, SendNoTokenToAnotherIssuer) {
  ASSERT_EQ(LogIn("rt-secret").code, 0);
  const Output run = Countersign({"logout", "--audience", "sign"});
  EXPECT_EQ(run.code, 0);
  EXPECT_THAT(run.err, HasSubstr("was not revoked"));
  EXPECT_TRUE(issuer_.CallsTo("/revoke").empty());
  EXPECT_EQ(Stored(), "");
}

TEST_F(LoginCommandsTest, RefuseWrongOptions) {
  EXPECT_EQ(Countersign({"login", "--device", "--browser"}).code, 2);
  EXPECT_EQ(Countersign({"login", "--token", "refresh_token"}).code, 2);
  EXPECT_EQ(Countersign({"login", "--scope", "a b"}).code, 2);
  const Output run = Countersign({"login", "--context", "nowhere"});
  EXPECT_EQ(run.code, 2);
  EXPECT_THAT(run.err, HasSubstr("no context \"nowhere\""));
}

TEST_F(LoginCommandsTest, KeepNothingOfALoginThatWasRefused) {
  issuer_.Answer("/device", 200, kDeviceCode);
  issuer_.Answer("/token", 400, R"({"error":"access_denied"})");
  EXPECT_EQ(Countersign({"login", "--device"}).code, 3);
  EXPECT_EQ(Stored(), "");
}

}  // namespace
}  // namespace countersign::client
