#include "client/token/ambient_token.h"

#include <map>
#include <string>

#include "base/file.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::SizeIs;

AmbientToken Find(const std::map<std::string, std::string>& variables,
                  const std::string& projected = "/nonexistent/token") {
  return FindAmbientToken(
      [variables](const std::string& name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        if (found == variables.end()) return std::nullopt;
        return found->second;
      },
      projected);
}

const std::map<std::string, std::string> kRunner = {
    {"GITHUB_ACTIONS", "true"},
    {"ACTIONS_ID_TOKEN_REQUEST_URL", "https://runner.example.org"},
    {"ACTIONS_ID_TOKEN_REQUEST_TOKEN", "x"},
    {"COUNTERSIGN_ID_TOKEN", "y"}};

TEST(FindAmbientToken, PrefersTheRunnersEndpoint) {
  EXPECT_EQ(Find(kRunner).origin, TokenOrigin(JobToken{}));
}

TEST(FindAmbientToken, NeedsBothVariablesOfTheEndpoint) {
  for (const char* name :
       {"ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"}) {
    auto variables = kRunner;
    variables[name] = "";
    EXPECT_EQ(Find(variables).origin,
              TokenOrigin(TokenVariable{"COUNTERSIGN_ID_TOKEN"}));
  }
}

TEST(FindAmbientToken, FindsTheProjectedFile) {
  const std::string path = testing::TempDir() + "/projected";
  ASSERT_OK(base::WriteFileAtomically(path, "abc"));
  EXPECT_EQ(Find({}, path).origin, TokenOrigin(TokenFile{path}));
}

TEST(FindAmbientToken, SaysWhereItLooked) {
  const AmbientToken found = Find({});
  EXPECT_FALSE(found.origin.has_value());
  ASSERT_THAT(found.looked_for, SizeIs(1));
  EXPECT_THAT(found.looked_for[0],
              AllOf(HasSubstr("ACTIONS_ID_TOKEN_REQUEST_URL"),
                    HasSubstr("COUNTERSIGN_ID_TOKEN"),
                    HasSubstr("/nonexistent/token")));
}

struct HintCase {
  std::string variable;
  std::string want;
};

class HintTest : public testing::TestWithParam<HintCase> {};

TEST_P(HintTest, NamesWhatTheCiSystemNeeds) {
  const AmbientToken found = Find({{GetParam().variable, "true"}});
  EXPECT_FALSE(found.origin.has_value());
  ASSERT_THAT(found.looked_for, SizeIs(2));
  EXPECT_THAT(found.looked_for[1], HasSubstr(GetParam().want));
}

INSTANTIATE_TEST_SUITE_P(
    Systems, HintTest,
    testing::Values(HintCase{"GITHUB_ACTIONS", "id-token: write"},
                    HintCase{"GITLAB_CI", "id_tokens:"},
                    HintCase{"BUILDKITE", "oidc"},
                    HintCase{"KUBERNETES_SERVICE_HOST",
                             "the default token is not sent"}),
    [](const auto& info) { return info.param.variable; });

}  // namespace
}  // namespace countersign::client
