#include "client/oci/docker_config.h"

#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/file.h"
#include "base/status_matchers.h"
#include "client/oci/credential.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using ::countersign::base::HasReason;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Auth(const std::string& user) {
  return absl::StrCat(R"({"auth":")", base::Base64Encode(user + ":secret"),
                      R"("})");
}

class DockerConfigTest : public testing::Test {
 protected:
  // The user found for host/repository: "" for nobody, "!REASON" for an error.
  std::string UserFor(const std::string& text, const std::string& host,
                      const std::string& repository = "team/app") {
    const auto config = ParseDockerConfig("config.json", text);
    if (!config.ok()) return "!" + base::GetReason(config.status());
    auto found = FindCredential(*config, host, repository, Program());
    if (!found.ok()) return "!" + base::GetReason(found.status());
    if (!found->has_value()) return "";
    credential_ = *std::move(*found);
    return credential_.username;
  }
  CredentialProgram Program() {
    return [this](const std::string& name, const std::string& server) {
      asked_ = absl::StrCat(name, " ", server);
      return answer_;
    };
  }

  RegistryCredential credential_;
  std::string asked_;
  absl::StatusOr<std::optional<std::string>> answer_ = std::nullopt;
};

TEST_F(DockerConfigTest, FindsTheKeyHoweverItIsSpelt) {
  for (const char* key : {"r.example", "https://r.example", "R.example/",
                          "http://r.example/v2/", "https://r.example/v1/"}) {
    const std::string text =
        absl::StrCat(R"({"auths":{")", key, R"(":)", Auth("u"), "}}");
    EXPECT_EQ(UserFor(text, "r.example"), "u") << key;
    EXPECT_EQ(UserFor(text, "r.example:5000"), "") << key;
    EXPECT_EQ(UserFor(text, "x.r.example"), "") << key;
  }
}

TEST_F(DockerConfigTest, KnowsDockersOwnRegistryByItsNames) {
  for (const char* key : {"https://index.docker.io/v1/", "docker.io",
                          "registry-1.docker.io", "index.docker.io"}) {
    EXPECT_EQ(
        UserFor(absl::StrCat(R"({"auths":{")", key, R"(":)", Auth("u"), "}}"),
                "index.docker.io"),
        "u")
        << key;
  }
}

TEST_F(DockerConfigTest, TakesTheMostSpecificKey) {
  const std::string text = absl::StrCat(
      R"({"auths":{"r.example":)", Auth("all"), R"(,"r.example/team":)",
      Auth("team"), R"(,"r.example/team/app":)", Auth("app"), "}}");
  EXPECT_EQ(UserFor(text, "r.example", "team/app"), "app");
  EXPECT_EQ(UserFor(text, "r.example", "team/app/sub"), "app");
  EXPECT_EQ(UserFor(text, "r.example", "team/apple"), "team");
  EXPECT_EQ(UserFor(text, "r.example", "teams/x"), "all");
}

TEST_F(DockerConfigTest, ReadsAllFormsOfASecret) {
  const auto with = [](const char* entry) {
    return absl::StrCat(R"({"auths":{"r":)", entry, "}}");
  };
  EXPECT_EQ(UserFor(with(R"({"username":"u","password":"p:q"})"), "r"), "u");
  EXPECT_EQ(credential_.password.DangerouslyExpose(), "p:q");
  EXPECT_EQ(credential_.source, "config.json");
  // "u:p:q" without padding.
  EXPECT_EQ(UserFor(with(R"({"auth":"dTpwOnE"})"), "r"), "u");
  EXPECT_EQ(credential_.password.DangerouslyExpose(), "p:q");
  EXPECT_EQ(UserFor(with(R"({"auth":"dTo=","identitytoken":"it"})"), "r"), "u");
  EXPECT_EQ(credential_.identity_token.DangerouslyExpose(), "it");
  EXPECT_TRUE(credential_.password.empty());
  UserFor(with(R"({"registrytoken":"rt"})"), "r");
  EXPECT_EQ(credential_.registry_token.DangerouslyExpose(), "rt");
  EXPECT_EQ(UserFor(with("{}"), "r"), "");
}

TEST_F(DockerConfigTest, NamesTheMemberThatIsWrongAndNoSecret) {
  for (const char* text :
       {"", "[]", R"({"auths":[]})", R"({"auths":{"r":1}})",
        R"({"auths":{"r":{"auth":"s3cret!"}}})",
        R"({"auths":{"r":{"auth":"czNjcmV0"}}})",
        R"({"auths":{"r":{"username":1,"password":"s3cret"}}})",
        R"({"credsStore":["s3cret"]})", R"({"credHelpers":{"r":1}})"}) {
    const auto config = ParseDockerConfig("some/config.json", text);
    EXPECT_THAT(config, HasReason("REGISTRY_CONFIG")) << text;
    const std::string message(config.status().message());
    EXPECT_THAT(message, HasSubstr("some/config.json"));
    EXPECT_THAT(message, Not(HasSubstr("s3cret")));
    EXPECT_THAT(message, Not(HasSubstr("czNj")));
  }
}

TEST_F(DockerConfigTest, AsksTheProgramOfTheRegistryFirst) {
  const std::string text = absl::StrCat(
      R"({"credHelpers":{"r.example":"mine"},"credsStore":"all","auths":{)",
      R"("r.example":)", Auth("file"), R"(,"other.example":)", Auth("other"),
      R"(,"index.docker.io":)", Auth("hub"), "}}");
  answer_ = R"({"ServerURL":"x","Username":"u","Secret":"p"})";
  EXPECT_EQ(UserFor(text, "r.example"), "u");
  EXPECT_EQ(asked_, "mine r.example");
  EXPECT_EQ(credential_.source, "docker-credential-mine");
  answer_ = R"({"Username":"<token>","Secret":"it"})";
  EXPECT_EQ(UserFor(text, "index.docker.io"), "");
  EXPECT_EQ(asked_, "all https://index.docker.io/v1/");
  EXPECT_EQ(credential_.identity_token.DangerouslyExpose(), "it");
  answer_ = std::nullopt;
  EXPECT_EQ(UserFor(text, "other.example"), "other");
  EXPECT_EQ(asked_, "all other.example");
}

TEST_F(DockerConfigTest, SaysThatAProgramFailed) {
  const std::string text = R"({"credsStore":"all"})";
  for (const char* answer : {"", "[]", R"({"Secret":1})", "s3cret"}) {
    answer_ = std::string(answer);
    EXPECT_EQ(UserFor(text, "r"), "!REGISTRY_CONFIG") << answer;
  }
  answer_ = absl::UnavailableError("it burns");
  EXPECT_EQ(UserFor(text, "r"), "!");
  answer_ = std::string("{}");
  EXPECT_EQ(UserFor(text, "r"), "");
}

class LookUpInFilesTest : public DockerConfigTest {
 protected:
  std::string Write(const std::string& name, const std::string& text) {
    const std::string path =
        absl::StrCat(std::getenv("TEST_TMPDIR"), "/", name);
    EXPECT_OK(base::WriteFileAtomically(path, text));
    return path;
  }
};

TEST_F(LookUpInFilesTest, TakesTheFirstFileWithCredentials) {
  const std::string one =
      Write("one.json", absl::StrCat(R"({"auths":{"a":)", Auth("a1"), "}}"));
  const std::string two =
      Write("two.json", absl::StrCat(R"({"auths":{"a":)", Auth("a2"),
                                     R"(,"b":)", Auth("b2"), "}}"));
  const CredentialLookup lookup = LookUpInFiles(
      {{"/nowhere/at/all.json", false}, {one, false}, {two, true}}, Program());
  EXPECT_EQ((*lookup("a", "x"))->username, "a1");
  EXPECT_EQ((*lookup("b", "x"))->username, "b2");
  EXPECT_EQ((*lookup("b", "x"))->source, two);
  ASSERT_OK(lookup("c", "x"));
  EXPECT_FALSE(lookup("c", "x")->has_value());
}

TEST_F(LookUpInFilesTest, NeedsAFileThatWasNamed) {
  const CredentialLookup lookup =
      LookUpInFiles({{"/nowhere/at/all.json", true}}, Program());
  EXPECT_THAT(lookup("a", "x"), HasReason("REGISTRY_CONFIG"));
}

TEST_F(LookUpInFilesTest, DoesNotPassOverABrokenFile) {
  const std::string broken = Write("broken.json", "{");
  const CredentialLookup lookup = LookUpInFiles({{broken, false}}, Program());
  EXPECT_THAT(lookup("a", "x"), HasReason("REGISTRY_CONFIG"));
}

}  // namespace
}  // namespace countersign::client
