#include "client/oci/credential_program.h"

#include <cstdlib>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/file.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using ::countersign::base::HasReason;
using ::countersign::base::IsOkAndHolds;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Optional;

class CredentialProgramTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::getenv("TEST_TMPDIR");
    const char* path = std::getenv("PATH");
    setenv("PATH",
           absl::StrCat(folder_, ":", path == nullptr ? "" : path).c_str(), 1);
  }
  void Install(const std::string& name, const std::string& script) {
    ASSERT_OK(base::WriteFileAtomically(
        absl::StrCat(folder_, "/docker-credential-", name),
        "#!/bin/sh\n" + script, 0700));
  }

  std::string folder_;
};

TEST_F(CredentialProgramTest, GivesTheServerAndTakesTheAnswer) {
  Install("good", "read server; echo \"$1 $server\"; echo ignored >&2");
  EXPECT_THAT(
      RunCredentialProgram("good", "https://index.docker.io/v1/"),
      IsOkAndHolds(Optional(std::string("get https://index.docker.io/v1/\n"))));
}

TEST_F(CredentialProgramTest, KnowsTheWordsForNone) {
  Install("none", "echo 'credentials not found in native keychain'; exit 1");
  EXPECT_THAT(RunCredentialProgram("none", "r"), IsOkAndHolds(std::nullopt));
}

TEST_F(CredentialProgramTest, ShowsNoOutputOfAFailure) {
  Install("bad", "echo s3cret; exit 1");
  const auto got = RunCredentialProgram("bad", "r");
  EXPECT_THAT(got, HasReason("REGISTRY_CONFIG"));
  EXPECT_THAT(std::string(got.status().message()),
              HasSubstr("docker-credential-bad"));
  EXPECT_THAT(std::string(got.status().message()), Not(HasSubstr("s3cret")));
}

TEST_F(CredentialProgramTest, SurvivesAProgramThatReadsNothing) {
  Install("deaf", "exec 0<&-; echo x");
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(RunCredentialProgram("deaf", "r"),
                IsOkAndHolds(Optional(std::string("x\n"))));
  }
}

TEST_F(CredentialProgramTest, EndsOneThatTakesTooLong) {
  Install("slow", "exec sleep 100");
  EXPECT_THAT(RunCredentialProgram("slow", "r", absl::Milliseconds(200)),
              HasReason("REGISTRY_CONFIG"));
  // Its output is closed, but it goes on.
  Install("late", "exec >&-; exec sleep 100");
  EXPECT_THAT(RunCredentialProgram("late", "r", absl::Milliseconds(200)),
              HasReason("REGISTRY_CONFIG"));
}

TEST_F(CredentialProgramTest, StopsAtOutputWithoutEnd) {
  Install("loud", "exec yes");
  EXPECT_THAT(RunCredentialProgram("loud", "r"), HasReason("REGISTRY_CONFIG"));
}

TEST_F(CredentialProgramTest, RunsNothingButSuchPrograms) {
  Install("x;touch", "echo no");
  for (const std::string& name :
       {std::string(), std::string("../x"), std::string("a/b"),
        std::string("x;touch"), std::string("x y"), std::string("x\n"),
        std::string("$(x)"), std::string(200, 'x')}) {
    EXPECT_THAT(RunCredentialProgram(name, "r"), HasReason("REGISTRY_CONFIG"))
        << name;
  }
  const auto got = RunCredentialProgram("is-not-there", "r");
  EXPECT_THAT(got, HasReason("REGISTRY_CONFIG"));
  EXPECT_THAT(std::string(got.status().message()), HasSubstr("PATH"));
}

}  // namespace
}  // namespace countersign::client
