#include "client/cli/identity.h"

#include <map>
#include <string>
#include <vector>

#include "base/fake_clock.h"
#include "base/file.h"
#include "base/random.h"
#include "base/status_matchers.h"
#include "client/token/testing_token.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using testing::HasSubstr;
using testing::StartsWith;

class IdentityTest : public testing::Test {
 protected:
  IdentityTest()
      : world_{[this](const std::string& name) -> std::optional<std::string> {
                 const auto found = variables_.find(name);
                 if (found == variables_.end()) return std::nullopt;
                 return found->second;
               },
               clock_, random_, [] { return false; },
               [this](const base::HttpsCall& call) {
                 asked_.push_back(call.url);
                 base::HttpsAnswer answer;
                 answer.code = 200;
                 answer.body = R"({"value":"from-the-runner"})";
                 return answer;
               }} {
    settings_.server = "sign.example.org:7443";
    settings_.token_audience = "sign.example.org";
  }

  // The token that the source gives, or its error.
  std::string TokenOf(const TokenOrigin& origin) {
    settings_.token = origin;
    const auto credentials = LoadIdentity(settings_, world_);
    if (!credentials.ok()) return credentials.status().ToString();
    EXPECT_EQ(credentials->certificate_pem, "");
    described_ = credentials->token_source->Describe();
    const auto token = credentials->token_source->Get(false);
    return token.ok() ? std::string(token->value.DangerouslyExpose())
                      : token.status().ToString();
  }

  base::FakeClock clock_;
  base::SystemRandom random_;
  std::map<std::string, std::string> variables_;
  std::vector<std::string> asked_;
  std::string described_;
  IdentityWorld world_;
  Settings settings_;
};

TEST_F(IdentityTest, TakesTheVariable) {
  variables_["COUNTERSIGN_TOKEN"] = "from-the-variable";
  EXPECT_EQ(TokenOf(TokenVariable{"COUNTERSIGN_TOKEN"}), "from-the-variable");
  EXPECT_EQ(described_, "token of COUNTERSIGN_TOKEN");
}

TEST_F(IdentityTest, TakesTheFile) {
  const std::string path = testing::TempDir() + "/token";
  ASSERT_OK(base::WriteFileAtomically(path, "from-the-file\n"));
  EXPECT_EQ(TokenOf(TokenFile{path}), "from-the-file");
}

TEST_F(IdentityTest, TakesTheProgramAndTellsItTheAudience) {
  EXPECT_EQ(TokenOf(TokenCommand{
                {"/bin/sh", "-c", "echo for-$COUNTERSIGN_TOKEN_AUDIENCE"}}),
            "for-sign.example.org");
}

TEST_F(IdentityTest, AsksTheRunnerForTheAudience) {
  variables_ = {{"ACTIONS_ID_TOKEN_REQUEST_URL", "https://runner/t"},
                {"ACTIONS_ID_TOKEN_REQUEST_TOKEN", "x"}};
  EXPECT_EQ(TokenOf(JobToken{}), "from-the-runner");
  EXPECT_THAT(asked_, testing::ElementsAre(
                          "https://runner/t?audience=sign.example.org"));
}

TEST_F(IdentityTest, WantsALoginFirst) {
  variables_["XDG_STATE_HOME"] = testing::TempDir() + "/state";
  LoginSettings login;
  login.issuer = "https://login.example.org";
  login.client_id = "countersign";
  EXPECT_THAT(TokenOf(login), HasSubstr("login"));
  EXPECT_THAT(described_, HasSubstr("login.example.org"));
}

TEST_F(IdentityTest, ComparesTheAudienceOnlyWithOneThatSomebodyNamed) {
  variables_["COUNTERSIGN_TOKEN"] =
      TestToken(clock_.Now() + absl::Minutes(5), "api://other");
  EXPECT_THAT(TokenOf(TokenVariable{"COUNTERSIGN_TOKEN"}), StartsWith("ey"));
  settings_.audience_given = true;
  EXPECT_THAT(TokenOf(TokenVariable{"COUNTERSIGN_TOKEN"}),
              HasSubstr("api://other"));
}

TEST_F(IdentityTest, NamesFilesThatAreNotThere) {
  settings_.certificate_file = "/nonexistent/c.pem";
  settings_.private_key_file = "/nonexistent/c.key";
  EXPECT_THAT(LoadIdentity(settings_, world_),
              HasReason("CREDENTIALS_UNREADABLE"));
}

}  // namespace
}  // namespace countersign::client
