#include "client/token/read_token.h"

#include <string>

#include "base/status_matchers.h"
#include "client/token/testing_token.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const absl::Time kNow = absl::FromUnixSeconds(1767225600);
const TokenUse kAny = {"token of the file /run/token", ""};

TEST(ReadToken, TakesAwayWhiteSpaceAndFindsTheEnd) {
  const std::string text = TestToken(kNow + absl::Minutes(5));
  ASSERT_OK_AND_ASSIGN(const BearerToken token,
                       ReadToken("\n " + text + "\r\n", kAny, kNow));
  EXPECT_EQ(token.value.DangerouslyExpose(), text);
  EXPECT_EQ(token.expire_time, kNow + absl::Minutes(5));
}

TEST(ReadToken, TakesAnOpaqueToken) {
  ASSERT_OK_AND_ASSIGN(const BearerToken token, ReadToken("abc", kAny, kNow));
  EXPECT_EQ(token.expire_time, absl::InfiniteFuture());
}

TEST(ReadToken, NamesAnExpiredTokenBeforeItIsSent) {
  const std::string text = TestToken(kNow - absl::Minutes(2));
  const auto got = ReadToken(text, kAny, kNow);
  EXPECT_THAT(got, HasReason("TOKEN_EXPIRED"));
  EXPECT_THAT(std::string(got.status().message()),
              AllOf(HasSubstr("/run/token"), HasSubstr("2025-12-31T23:58:00"),
                    Not(HasSubstr(text))));
}

TEST(ReadToken, LeavesTheLastMinuteToTheServer) {
  EXPECT_OK(ReadToken(TestToken(kNow - absl::Seconds(59)), kAny, kNow));
}

TEST(ReadToken, ComparesTheAudienceWithOneThatSomebodyNamed) {
  const std::string text = TestToken(kNow + absl::Minutes(5), "other");
  EXPECT_OK(ReadToken(text, kAny, kNow));
  EXPECT_OK(ReadToken(text, {"it", "other"}, kNow));
  EXPECT_OK(ReadToken("opaque", {"it", "countersign"}, kNow));
  const auto got = ReadToken(text, {"it", "countersign"}, kNow);
  EXPECT_THAT(got, HasReason("TOKEN_AUDIENCE"));
  EXPECT_THAT(std::string(got.status().message()),
              AllOf(HasSubstr("other"), HasSubstr("countersign")));
}

TEST(ReadToken, RefusesWhatCannotBeSent) {
  for (const char* text : {"", " \n", "two words"}) {
    EXPECT_THAT(ReadToken(text, kAny, kNow), HasReason("TOKEN_MALFORMED"));
  }
}

}  // namespace
}  // namespace countersign::client
