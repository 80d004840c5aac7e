#include "client/token/command_token_source.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/fake_clock.h"
#include "base/file.h"
#include "base/status_matchers.h"
#include "client/token/testing_token.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string Value(const absl::StatusOr<BearerToken>& token) {
  return token.ok() ? std::string(token->value.DangerouslyExpose())
                    : token.status().ToString();
}

class CommandTokenTest : public testing::Test {
 protected:
  CommandTokenTest() : runs_(testing::TempDir() + "/runs") {
    EXPECT_OK(base::WriteFileAtomically(runs_, ""));
  }

  // Counts its runs.
  CommandTokenSource Source(const std::string& script,
                            const std::string& wanted_audience = "") {
    return CommandTokenSource(
        {"/bin/sh", "-c", absl::StrCat("echo >> ", runs_, "; ", script)},
        "sign.example.org", wanted_audience, clock_);
  }

  size_t Runs() { return base::ReadFile(runs_)->size(); }

  base::FakeClock clock_;
  const std::string runs_;
};

TEST_F(CommandTokenTest, IsAskedOnceUntilShortlyBeforeTheEnd) {
  const std::string token = TestToken(clock_.Now() + absl::Minutes(5));
  CommandTokenSource source = Source("echo " + token);
  EXPECT_EQ(Value(source.Get(false)), token);
  clock_.Advance(absl::Minutes(4));
  EXPECT_EQ(Value(source.Get(false)), token);
  EXPECT_EQ(Runs(), 1u);
  clock_.Advance(absl::Seconds(31));
  EXPECT_EQ(Value(source.Get(false)), token);
  EXPECT_EQ(Runs(), 2u);
}

TEST_F(CommandTokenTest, IsAskedAgainWhenTheTokenIsRefused) {
  CommandTokenSource source = Source("echo opaque");
  EXPECT_OK(source.Get(false));
  EXPECT_OK(source.Get(true));
  EXPECT_OK(source.Get(false));
  EXPECT_EQ(Runs(), 2u);
}

TEST_F(CommandTokenTest, TellsTheProgramWhatIsWanted) {
  CommandTokenSource source = Source(
      "test \"$KUBERNETES_EXEC_INFO\" = \"$COUNTERSIGN_EXEC_INFO\" && "
      "echo \"$COUNTERSIGN_EXEC_INFO\" | grep -q ExecCredential && "
      "echo $COUNTERSIGN_TOKEN_AUDIENCE");
  EXPECT_EQ(Value(source.Get(false)), "sign.example.org");
}

TEST_F(CommandTokenTest, ShowsTheProgramsErrorAndNotItsOutput) {
  const auto got =
      Source("echo s3cret; echo not logged in >&2; exit 4").Get(false);
  EXPECT_THAT(got, HasReason("TOKEN_HELPER_FAILED"));
  EXPECT_THAT(Value(got), AllOf(HasSubstr("not logged in"), HasSubstr("4"),
                                Not(HasSubstr("s3cret"))));
}

TEST_F(CommandTokenTest, NamesAProgramThatIsNotThere) {
  CommandTokenSource source({"no-such-helper"}, "a", "", clock_);
  const auto got = source.Get(false);
  EXPECT_THAT(got, HasReason("TOKEN_HELPER_FAILED"));
  EXPECT_THAT(Value(got), HasSubstr("no-such-helper"));
  EXPECT_EQ(source.Describe(), "token of the program no-such-helper");
}

TEST_F(CommandTokenTest, RefusesATokenForSomebodyElse) {
  const std::string token =
      TestToken(clock_.Now() + absl::Minutes(5), "elsewhere");
  EXPECT_THAT(Source("echo " + token, "here").Get(false),
              HasReason("TOKEN_AUDIENCE"));
}

TEST_F(CommandTokenTest, EndsWhenTheUserInterrupts) {
  CommandTokenSource source({"sleep", "600"}, "a", "", clock_,
                            [] { return true; });
  EXPECT_THAT(source.Get(false), HasReason("INTERRUPTED"));
}

}  // namespace
}  // namespace countersign::client
