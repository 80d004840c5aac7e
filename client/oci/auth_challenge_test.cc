#include "client/oci/auth_challenge.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(AuthChallengeTest, ReadsWhatRegistriesSend) {
  const auto got = ParseAuthChallenges(
      R"(Bearer realm="https://auth.example/token",service="registry.example",)"
      R"(scope="repository:team/app:pull,push",error="insufficient_scope")");
  ASSERT_THAT(got, SizeIs(1));
  EXPECT_EQ(got[0].scheme, "bearer");
  EXPECT_EQ(got[0].Get("realm"), "https://auth.example/token");
  EXPECT_EQ(got[0].Get("service"), "registry.example");
  EXPECT_EQ(got[0].Get("scope"), "repository:team/app:pull,push");
  EXPECT_EQ(got[0].Get("nothing"), "");
}

TEST(AuthChallengeTest, ReadsSeveralInOneHeader) {
  const auto got = ParseAuthChallenges(
      " , Negotiate , BASIC Realm = \"a \\\" b\" ,charset=UTF-8, bearer x=y");
  ASSERT_THAT(got, SizeIs(3));
  EXPECT_EQ(got[0].scheme, "negotiate");
  EXPECT_EQ(got[1].scheme, "basic");
  EXPECT_EQ(got[1].Get("realm"), "a \" b");
  EXPECT_EQ(got[1].Get("charset"), "UTF-8");
  EXPECT_EQ(got[2].Get("x"), "y");
}

TEST(AuthChallengeTest, CountsTheFirstOfTwo) {
  const auto got = ParseAuthChallenges("Bearer realm=a, realm=b");
  ASSERT_THAT(got, SizeIs(1));
  EXPECT_EQ(got[0].Get("realm"), "a");
}

TEST(AuthChallengeTest, EndsAtWhatItCannotRead) {
  for (const char* text : {"", " ", ",,", "=", "\"x\"", "\xff", "(x)"}) {
    EXPECT_THAT(ParseAuthChallenges(text), IsEmpty()) << text;
  }
  for (const char* text : {"Bearer realm", "Bearer realm=", "Bearer realm=\"x",
                           "Bearer =x", "Bearer realm=\"x\\"}) {
    const auto got = ParseAuthChallenges(text);
    ASSERT_FALSE(got.empty()) << text;
    EXPECT_EQ(got[0].Get("realm"), "") << text;
  }
}

TEST(AuthChallengeTest, IsBounded) {
  std::string many;
  for (int i = 0; i < 10000; ++i) many += "Basic a=b,";
  EXPECT_LE(ParseAuthChallenges(many).size(), 16u);
}

}  // namespace
}  // namespace countersign::client
