#include "client/oci/registry_error.h"

#include <string>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(RegistryErrorTest, ShowsWhatWasSaidWithoutControlCharacters) {
  const absl::Status status =
      RegistryDenied("r.example/a", "no\x1b[31m\n entry\xff");
  const std::string message(status.message());
  EXPECT_THAT(message, HasSubstr("r.example/a"));
  EXPECT_THAT(message, Not(HasSubstr("\x1b")));
  EXPECT_THAT(message, Not(HasSubstr("\n")));
}

TEST(RegistryErrorTest, CutsWhatIsLong) {
  const absl::Status status =
      RegistryAnswer("r.example/a", std::string(5000, 'x'));
  EXPECT_LT(status.message().size(), 500u);
}

TEST(RegistryErrorTest, NamesTheNextStep) {
  EXPECT_THAT(std::string(RegistryLoginNeeded("r", "").message()),
              HasSubstr("docker login"));
  EXPECT_THAT(std::string(PlainHttpRefused("r").message()),
              HasSubstr("--plain-http"));
  EXPECT_THAT(std::string(RegistryRateLimit("r", "try in 5 s", "").message()),
              HasSubstr("try in 5 s"));
  EXPECT_THAT(std::string(RegistryRateLimit("r", "", "").message()),
              HasSubstr("try again later"));
}

}  // namespace
}  // namespace countersign::client
