#include "client/cli/settings.h"

#include <map>
#include <string>

#include "base/file.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using base::StatusIs;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr char kConfig[] = R"(current_context: ci
contexts:
  - name: ci
    server: file:1
    ca_file: ca.pem
    certificate_file: /abs/ci.pem
    private_key_file: ci.key
    timeout: 5s
  - name: prod
    server: prod:1
    ca_file: prod-ca.pem
    certificate_file: prod.pem
    private_key_file: prod.key
    server_name: countersign
)";

class SettingsTest : public testing::Test {
 protected:
  SettingsTest() {
    folder_ = testing::TempDir();
    path_ = folder_ + "/config.yaml";
    EXPECT_OK(base::WriteFileAtomically(path_, kConfig));
    variables_["COUNTERSIGN_CONFIG"] = path_;
  }

  absl::StatusOr<Settings> Resolve() {
    return ResolveSettings(
        flags_, [this](const std::string& name) -> std::optional<std::string> {
          const auto found = variables_.find(name);
          if (found == variables_.end()) return std::nullopt;
          return found->second;
        });
  }

  std::string folder_;
  std::string path_;
  ConnectionFlags flags_;
  std::map<std::string, std::string> variables_;
};

TEST_F(SettingsTest, ComeFromTheCurrentContext) {
  ASSERT_OK_AND_ASSIGN(const Settings settings, Resolve());
  EXPECT_EQ(settings.server, "file:1");
  EXPECT_EQ(settings.certificate_file, "/abs/ci.pem");
  EXPECT_EQ(settings.timeout, absl::Seconds(5));
  EXPECT_EQ(settings.server_name, "");
}

TEST_F(SettingsTest, TakeFilesRelativeToTheConfigurationFile) {
  ASSERT_OK_AND_ASSIGN(const Settings settings, Resolve());
  EXPECT_THAT(settings.ca_file, testing::EndsWith("/ca.pem"));
  EXPECT_EQ(settings.ca_file, path_.substr(0, path_.rfind('/')) + "/ca.pem");
}

TEST_F(SettingsTest, EnvironmentIsStrongerThanTheFile) {
  variables_["COUNTERSIGN_SERVER"] = "environment:1";
  variables_["COUNTERSIGN_TIMEOUT"] = "2m";
  ASSERT_OK_AND_ASSIGN(const Settings settings, Resolve());
  EXPECT_EQ(settings.server, "environment:1");
  EXPECT_EQ(settings.timeout, absl::Minutes(2));
  EXPECT_EQ(settings.certificate_file, "/abs/ci.pem");
}

TEST_F(SettingsTest, FlagsAreTheStrongest) {
  variables_["COUNTERSIGN_SERVER"] = "environment:1";
  variables_["COUNTERSIGN_CONTEXT"] = "ci";
  flags_.server = "flag:1";
  flags_.context = "prod";
  ASSERT_OK_AND_ASSIGN(const Settings settings, Resolve());
  EXPECT_EQ(settings.server, "flag:1");
  EXPECT_EQ(settings.server_name, "countersign");
}

TEST_F(SettingsTest, AnEmptyVariableIsNotSet) {
  variables_["COUNTERSIGN_SERVER"] = "";
  ASSERT_OK_AND_ASSIGN(const Settings settings, Resolve());
  EXPECT_EQ(settings.server, "file:1");
}

TEST_F(SettingsTest, EachVariableHasItsEffect) {
  variables_ = {{"COUNTERSIGN_SERVER", "s:1"},
                {"COUNTERSIGN_CA_FILE", "ca"},
                {"COUNTERSIGN_CERTIFICATE_FILE", "cert"},
                {"COUNTERSIGN_PRIVATE_KEY_FILE", "key"},
                {"COUNTERSIGN_SERVER_NAME", "name"},
                {"COUNTERSIGN_TIMEOUT", "7s"}};
  ASSERT_OK_AND_ASSIGN(const Settings settings, Resolve());
  EXPECT_EQ(settings.server, "s:1");
  EXPECT_EQ(settings.ca_file, "ca");
  EXPECT_EQ(settings.certificate_file, "cert");
  EXPECT_EQ(settings.private_key_file, "key");
  EXPECT_EQ(settings.server_name, "name");
  EXPECT_EQ(settings.timeout, absl::Seconds(7));
}

TEST_F(SettingsTest, NameEverythingThatIsMissingAndHowToGiveIt) {
  variables_.clear();
  flags_.server = "s:1";
  const auto got = Resolve();
  EXPECT_THAT(got, HasReason("SETTINGS_MISSING"));
  EXPECT_THAT(
      got,
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(HasSubstr("--token-file"), HasSubstr("countersign login"),
                     HasSubstr("token_command"), HasSubstr("--cert and --key"),
                     HasSubstr("looked for"), Not(HasSubstr("--ca")),
                     Not(HasSubstr("--server,")))));
  flags_.server.clear();
  EXPECT_THAT(Resolve(), StatusIs(absl::StatusCode::kInvalidArgument,
                                  AllOf(HasSubstr("--server,"),
                                        HasSubstr("--token-file"))));
}

TEST_F(SettingsTest, NameTheOtherHalfOfACertificate) {
  variables_ = {{"COUNTERSIGN_SERVER", "s:1"}};
  flags_.certificate_file = "ci.pem";
  const auto got = Resolve();
  EXPECT_THAT(got, HasReason("SETTINGS_MISSING"));
  EXPECT_THAT(std::string(got.status().message()),
              AllOf(HasSubstr("--key, COUNTERSIGN_PRIVATE_KEY_FILE"),
                    Not(HasSubstr("--cert,"))));
}

TEST_F(SettingsTest, NeedNoMoreThanServerAndToken) {
  variables_ = {{"COUNTERSIGN_SERVER", "sign.example.org:7443"},
                {"COUNTERSIGN_TOKEN", "abc"}};
  ASSERT_OK_AND_ASSIGN(const Settings settings, Resolve());
  EXPECT_EQ(settings.token, TokenOrigin(TokenVariable{"COUNTERSIGN_TOKEN"}));
  EXPECT_EQ(settings.ca_file, "");
  EXPECT_EQ(settings.token_audience, "sign.example.org");
  EXPECT_FALSE(settings.audience_given);
}

TEST_F(SettingsTest, TakeTheAudienceThatIsNamed) {
  variables_ = {{"COUNTERSIGN_SERVER", "s:1"},
                {"COUNTERSIGN_TOKEN", "abc"},
                {"COUNTERSIGN_TOKEN_AUDIENCE", "environment"}};
  ASSERT_OK_AND_ASSIGN(Settings settings, Resolve());
  EXPECT_EQ(settings.token_audience, "environment");
  EXPECT_TRUE(settings.audience_given);
  flags_.token_audience = "flag";
  ASSERT_OK_AND_ASSIGN(settings, Resolve());
  EXPECT_EQ(settings.token_audience, "flag");
}

TEST_F(SettingsTest, TheStrongestLevelDecidesTheKindOfIdentity) {
  // The context has a certificate.
  variables_["COUNTERSIGN_TOKEN_FILE"] = "/run/environment";
  ASSERT_OK_AND_ASSIGN(Settings settings, Resolve());
  EXPECT_EQ(settings.token, TokenOrigin(TokenFile{"/run/environment"}));
  EXPECT_EQ(settings.certificate_file, "");
  EXPECT_EQ(settings.private_key_file, "");

  flags_.token_file = "/run/flag";
  ASSERT_OK_AND_ASSIGN(settings, Resolve());
  EXPECT_EQ(settings.token, TokenOrigin(TokenFile{"/run/flag"}));

  flags_.token_file.clear();
  flags_.certificate_file = "flag.pem";
  ASSERT_OK_AND_ASSIGN(settings, Resolve());
  EXPECT_FALSE(settings.token.has_value());
  EXPECT_EQ(settings.certificate_file, "flag.pem");
  // The other half may stand at a weaker level.
  EXPECT_THAT(settings.private_key_file, testing::EndsWith("/ci.key"));
}

TEST_F(SettingsTest, RefuseTwoTokensAtOneLevel) {
  variables_["COUNTERSIGN_TOKEN"] = "abc";
  variables_["COUNTERSIGN_TOKEN_FILE"] = "t";
  const auto got = Resolve();
  EXPECT_THAT(got, HasReason("IDENTITY_AMBIGUOUS"));
  EXPECT_THAT(
      std::string(got.status().message()),
      AllOf(HasSubstr("COUNTERSIGN_TOKEN_FILE"), HasSubstr("one token")));
}

// A token that is bound to the certificate (RFC 8705) needs both.
TEST_F(SettingsTest, SendACertificateAndATokenThatOneLevelNames) {
  flags_.token_file = "t";
  flags_.certificate_file = "c";
  flags_.private_key_file = "k";
  ASSERT_OK_AND_ASSIGN(const Settings settings, Resolve());
  EXPECT_EQ(settings.token, TokenOrigin(TokenFile{"t"}));
  EXPECT_EQ(settings.certificate_file, "c");
  EXPECT_EQ(settings.private_key_file, "k");
}

TEST_F(SettingsTest, FindTheTokenOfTheJobWhereNothingIsConfigured) {
  variables_ = {{"COUNTERSIGN_SERVER", "s:1"},
                {"ACTIONS_ID_TOKEN_REQUEST_URL", "https://runner"},
                {"ACTIONS_ID_TOKEN_REQUEST_TOKEN", "x"}};
  ASSERT_OK_AND_ASSIGN(Settings settings, Resolve());
  EXPECT_EQ(settings.token, TokenOrigin(JobToken{}));
  variables_["COUNTERSIGN_CONFIG"] = path_;
  ASSERT_OK_AND_ASSIGN(settings, Resolve());
  EXPECT_FALSE(settings.token.has_value());
}

TEST_F(SettingsTest, TellWhatAJobNeeds) {
  variables_ = {{"COUNTERSIGN_SERVER", "s:1"}, {"GITHUB_ACTIONS", "true"}};
  EXPECT_THAT(Resolve(), StatusIs(absl::StatusCode::kInvalidArgument,
                                  HasSubstr("permissions: id-token: write")));
}

TEST_F(SettingsTest, NameTheContextsThatThereAre) {
  flags_.context = "pord";
  const auto got = Resolve();
  EXPECT_THAT(got, HasReason("CONTEXT_UNKNOWN"));
  EXPECT_THAT(std::string(got.status().message()), HasSubstr("ci, prod"));
}

TEST_F(SettingsTest, RefuseANamedFileThatIsNotThere) {
  flags_.config = "/nonexistent/config.yaml";
  EXPECT_THAT(Resolve(), HasReason("CONFIG_UNREADABLE"));
}

TEST_F(SettingsTest, DoNotMindAnUnnamedFileThatIsNotThere) {
  variables_ = {{"HOME", "/nonexistent"}};
  EXPECT_THAT(Resolve(), HasReason("SETTINGS_MISSING"));
}

TEST_F(SettingsTest, RefuseATimeoutThatIsNone) {
  flags_.timeout = "soon";
  EXPECT_THAT(Resolve(), HasReason("DURATION_MALFORMED"));
}

TEST(FindConfig, LooksInXdgThenHome) {
  const auto environment = [](std::map<std::string, std::string> values) {
    return [values](const std::string& name) -> std::optional<std::string> {
      const auto found = values.find(name);
      if (found == values.end()) return std::nullopt;
      return found->second;
    };
  };
  EXPECT_EQ(
      FindConfig({}, environment({{"XDG_CONFIG_HOME", "/x"}, {"HOME", "/h"}}))
          .path,
      "/x/countersign/config.yaml");
  EXPECT_EQ(FindConfig({}, environment({{"HOME", "/h"}})).path,
            "/h/.config/countersign/config.yaml");
  EXPECT_EQ(FindConfig({}, environment({})).path, "");
}

struct BrokenCase {
  std::string name;
  std::string text;
  std::string want;  // in message or violations
};

class BrokenContextFileTest : public testing::TestWithParam<BrokenCase> {};

TEST_P(BrokenContextFileTest, NamesLineAndMistake) {
  const auto got = ReadContextFile(GetParam().text, "config.yaml");
  EXPECT_THAT(got, HasReason("CONFIG_MALFORMED"));
  std::string all(got.status().message());
  const auto details = base::GetErrorDetails(got.status());
  for (const auto& v : details->field_violations) {
    all += "\n" + v.field + ": " + v.description;
  }
  EXPECT_THAT(all, HasSubstr(GetParam().want));
}

INSTANTIATE_TEST_SUITE_P(
    Texts, BrokenContextFileTest,
    testing::Values(
        BrokenCase{"Syntax", "contexts: [\n  {", "line "},
        BrokenCase{"UnknownField", "contexts:\n  - name: a\n    sever: b",
                   "contexts[0].sever: line 3"},
        BrokenCase{"UnknownTop", "current: a", "current: line 1"},
        BrokenCase{"NotAList", "contexts: a", "a list is expected"},
        BrokenCase{"NoName", "contexts:\n  - server: a",
                   "contexts[0].name: line 2"},
        BrokenCase{"TwoOfAName", "contexts:\n  - name: a\n  - name: a",
                   "another context has this name"},
        BrokenCase{"DoubledField", "current_context: a\ncurrent_context: b",
                   "twice"},
        BrokenCase{"TwoIdentities",
                   "contexts:\n  - name: a\n    token_file: t\n"
                   "    token_command: [c]",
                   "line 2: one source of tokens only: it has token_file, and "
                   "token_command"},
        BrokenCase{"CommandAsText",
                   "contexts:\n  - name: a\n    token_command: helper -x",
                   "contexts[0].token_command: line 3: a list"},
        BrokenCase{"EmptyCommand",
                   "contexts:\n  - name: a\n    token_command: []",
                   "a program and its arguments are expected"},
        BrokenCase{"LoginAsText", "contexts:\n  - name: a\n    login: b",
                   "issuer and client_id are expected"},
        BrokenCase{"LoginWithoutIssuer",
                   "contexts:\n  - name: a\n    login:\n"
                   "      client_id: c",
                   "contexts[0].login.issuer: line 4"},
        BrokenCase{"LoginWithAnotherField",
                   "contexts:\n  - name: a\n    login:\n"
                   "      issuer: i\n      client_id: c\n      pin: d",
                   "contexts[0].login.pin: line 6"},
        BrokenCase{"TokenInTheFile", "contexts:\n  - name: a\n    token: b",
                   "contexts[0].token: line 3: unknown"},
        BrokenCase{"NotText", "current_context: [a]", "a text is expected"}),
    [](const auto& info) { return info.param.name; });

TEST(ReadContextFile, TellsAllMistakesAtOnce) {
  const auto got =
      ReadContextFile("what: 1\ncontexts:\n  - nam: a\n  - sever: b", "f");
  EXPECT_EQ(base::GetErrorDetails(got.status())->field_violations.size(), 5u);
}

TEST(ReadContextFile, TakesEachSourceOfTokens) {
  ASSERT_OK_AND_ASSIGN(const ContextFile file, ReadContextFile(R"(contexts:
  - name: file
    token_file: run/token
    token_audience: countersign
  - name: command
    token_command: [bin/helper, --audience, countersign]
  - name: on-path
    token_command: [helper]
  - name: person
    login:
      issuer: https://login.example.org
      client_id: countersign
      client_secret_file: secret
      scopes: [openid, groups]
      audience: api
      token: id_token
      ca_file: login.pem
)",
                                                               "/etc/c.yaml"));
  ASSERT_EQ(file.contexts.size(), 4u);
  EXPECT_EQ(file.contexts[0].token_file, "/etc/run/token");
  EXPECT_EQ(file.contexts[0].token_audience, "countersign");
  EXPECT_THAT(
      file.contexts[1].token_command,
      testing::ElementsAre("/etc/bin/helper", "--audience", "countersign"));
  EXPECT_THAT(file.contexts[2].token_command, testing::ElementsAre("helper"));
  ASSERT_TRUE(file.contexts[3].login.has_value());
  const LoginSettings& login = *file.contexts[3].login;
  EXPECT_EQ(login.issuer, "https://login.example.org");
  EXPECT_EQ(login.client_id, "countersign");
  EXPECT_EQ(login.client_secret_file, "/etc/secret");
  EXPECT_THAT(login.scopes, testing::ElementsAre("openid", "groups"));
  EXPECT_EQ(login.audience, "api");
  EXPECT_EQ(login.token, "id_token");
  EXPECT_EQ(login.ca_file, "/etc/login.pem");
  EXPECT_EQ(IdentityText(file.contexts[0]), "token file /etc/run/token");
  EXPECT_EQ(IdentityText(file.contexts[1]), "command /etc/bin/helper");
  EXPECT_EQ(IdentityText(file.contexts[3]),
            "login at https://login.example.org");
}

TEST(ReadContextFile, AnEmptyFileHasNoContexts) {
  const auto got = ReadContextFile("", "f");
  ASSERT_OK(got);
  EXPECT_TRUE(got->contexts.empty());
}

}  // namespace
}  // namespace countersign::client
