#include "client/token/given_token_source.h"

#include <optional>
#include <string>

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

class GivenTokenTest : public testing::Test {
 protected:
  GivenTokenTest() : path_(testing::TempDir() + "/token") {}

  void Write(const std::string& text) {
    EXPECT_OK(base::WriteFileAtomically(path_, text));
  }

  base::FakeClock clock_;
  const std::string path_;
};

TEST_F(GivenTokenTest, AFileIsReadAnewEachTime) {
  FileTokenSource source(path_, "", clock_);
  Write("first\n");
  EXPECT_EQ(Value(source.Get(false)), "first");
  Write("second\n");
  EXPECT_EQ(Value(source.Get(false)), "second");
  EXPECT_EQ(source.Describe(), "token of the file " + path_);
}

TEST_F(GivenTokenTest, APipeIsReadOnce) {
  FileTokenSource source(path_, "", clock_);
  Write("");
  EXPECT_THAT(source.Get(false), HasReason("TOKEN_MALFORMED"));
  Write(TestToken(clock_.Now() + absl::Minutes(10)));
  EXPECT_OK(source.Get(false));
  Write("");
  EXPECT_EQ(Value(source.Get(false)),
            TestToken(clock_.Now() + absl::Minutes(10)));
  clock_.Advance(absl::Minutes(12));
  EXPECT_THAT(source.Get(false), HasReason("TOKEN_EXPIRED"));
}

TEST_F(GivenTokenTest, AFileThatIsNotThereIsNamed) {
  FileTokenSource source("/nonexistent/token", "", clock_);
  const auto got = source.Get(false);
  EXPECT_THAT(got, HasReason("TOKEN_UNREADABLE"));
  EXPECT_THAT(Value(got), HasSubstr("/nonexistent/token"));
}

TEST_F(GivenTokenTest, AFileThatIsNoTokenIsNotShown) {
  FileTokenSource source(path_, "", clock_);
  Write("-----BEGIN PRIVATE KEY-----\nMC4C\n");
  const auto got = source.Get(false);
  EXPECT_THAT(got, HasReason("TOKEN_MALFORMED"));
  EXPECT_THAT(Value(got), AllOf(HasSubstr(path_), Not(HasSubstr("MC4C"))));
  Write(std::string(65 << 10, 'a'));
  EXPECT_THAT(source.Get(false), HasReason("TOKEN_UNREADABLE"));
}

TEST_F(GivenTokenTest, AnOldFileIsToldBeforeItIsSent) {
  FileTokenSource source(path_, "", clock_);
  Write(TestToken(clock_.Now() + absl::Minutes(10)));
  EXPECT_OK(source.Get(false));
  clock_.Advance(absl::Minutes(12));
  EXPECT_THAT(source.Get(false), HasReason("TOKEN_EXPIRED"));
}

TEST_F(GivenTokenTest, AFileForSomebodyElseIsToldWhereTheAudienceIsNamed) {
  Write(TestToken(clock_.Now() + absl::Minutes(10), "elsewhere"));
  EXPECT_OK(FileTokenSource(path_, "", clock_).Get(false));
  EXPECT_THAT(FileTokenSource(path_, "here", clock_).Get(false),
              HasReason("TOKEN_AUDIENCE"));
}

TEST_F(GivenTokenTest, AVariableIsTheToken) {
  std::optional<std::string> value = " abc ";
  VariableTokenSource source(
      "COUNTERSIGN_TOKEN", "",
      [&](const std::string& name) {
        return name == "COUNTERSIGN_TOKEN" ? value : std::nullopt;
      },
      clock_);
  EXPECT_EQ(Value(source.Get(false)), "abc");
  EXPECT_EQ(source.Describe(), "token of COUNTERSIGN_TOKEN");
  value = std::nullopt;
  EXPECT_THAT(source.Get(false), HasReason("TOKEN_UNREADABLE"));
}

}  // namespace
}  // namespace countersign::client
