#include "client/cli/registry_options.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "client/cli/settings.h"
#include "client/oci/docker_config.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Paths(std::map<std::string, std::string> variables,
                               const RegistryOptions& options = {}) {
  std::vector<std::string> paths;
  const Environment environment =
      [&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
  for (const DockerConfigFile& file : CredentialFiles(options, environment)) {
    paths.push_back(file.path);
    EXPECT_EQ(file.required, !options.config_file.empty());
  }
  return paths;
}

TEST(RegistryOptionsTest, LooksWhereDockerAndPodmanLook) {
  EXPECT_THAT(Paths({{"HOME", "/h"},
                     {"REGISTRY_AUTH_FILE", "/r/auth.json"},
                     {"XDG_RUNTIME_DIR", "/x"}}),
              ElementsAre("/h/.docker/config.json", "/r/auth.json",
                          "/x/containers/auth.json"));
}

TEST(RegistryOptionsTest, TakesDockersFolderInsteadOfHome) {
  EXPECT_THAT(Paths({{"HOME", "/h"}, {"DOCKER_CONFIG", "/d"}}),
              ElementsAre("/d/config.json"));
}

TEST(RegistryOptionsTest, LooksNowhereElseThanAtTheFileOfTheFlag) {
  RegistryOptions options;
  options.config_file = "/f.json";
  EXPECT_THAT(Paths({{"HOME", "/h"}, {"DOCKER_CONFIG", "/d"}}, options),
              ElementsAre("/f.json"));
}

TEST(RegistryOptionsTest, LooksNowhereWithoutAnEnvironment) {
  EXPECT_THAT(Paths({}), IsEmpty());
  EXPECT_THAT(Paths({{"HOME", ""}, {"DOCKER_CONFIG", ""}}), IsEmpty());
}

}  // namespace
}  // namespace countersign::client
