#include "client/token/token_hint.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "client/token/testing_token.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ReadTokenHint, ReadsAudienceAndEnd) {
  const auto hint = ReadTokenHint(TestToken(R"({"aud":"a","exp":1767225600})"));
  ASSERT_TRUE(hint.has_value());
  EXPECT_THAT(hint->audiences, ElementsAre("a"));
  EXPECT_EQ(hint->expire_time, absl::FromUnixSeconds(1767225600));
}

TEST(ReadTokenHint, ReadsSeveralAudiencesAndFractions) {
  const auto hint =
      ReadTokenHint(TestToken(R"({"aud":["a",7,"b"],"exp":1.5})"));
  ASSERT_TRUE(hint.has_value());
  EXPECT_THAT(hint->audiences, ElementsAre("a", "b"));
  EXPECT_EQ(hint->expire_time, absl::UnixEpoch() + absl::Milliseconds(1500));
}

TEST(ReadTokenHint, KnowsNoEndWhereNoneIsSaid) {
  for (const char* claims :
       {"{}", R"({"exp":"soon"})", R"({"exp":-1})", R"({"exp":1e300})"}) {
    const auto hint = ReadTokenHint(TestToken(claims));
    ASSERT_TRUE(hint.has_value()) << claims;
    EXPECT_EQ(hint->expire_time, absl::InfiniteFuture()) << claims;
    EXPECT_THAT(hint->audiences, IsEmpty()) << claims;
  }
}

TEST(ReadTokenHint, SaysNothingOfWhatIsNoJwt) {
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "[";
  for (const std::string& token :
       {std::string(), std::string("opaque"), std::string("a.b"),
        std::string("a.b.c.d"), std::string("a.!!.c"), TestToken("[]"),
        TestToken("not json"), TestToken(deep),
        TestToken(R"({"exp":1,"exp":2})")}) {
    EXPECT_FALSE(ReadTokenHint(token).has_value()) << token;
  }
}

}  // namespace
}  // namespace countersign::client
