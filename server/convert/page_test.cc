#include "server/convert/page.h"

#include <limits>
#include <string>

#include "base/encoding.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::server {
namespace {

using base::HasReason;
using base::IsOkAndHolds;

TEST(PageTest, BoundsThePageSize) {
  EXPECT_THAT(PageSize(0), IsOkAndHolds(50));
  EXPECT_THAT(PageSize(1), IsOkAndHolds(1));
  EXPECT_THAT(PageSize(1000), IsOkAndHolds(1000));
  EXPECT_THAT(PageSize(std::numeric_limits<int32_t>::max()),
              IsOkAndHolds(1000));
  EXPECT_THAT(PageSize(-1), HasReason("BAD_REQUEST"));
}

TEST(PageTest, GivesBackTheCursorOfItsOwnQuery) {
  const std::string token = PageToken("cursor\x01", "query");
  EXPECT_THAT(CursorOf(token, "query"), IsOkAndHolds("cursor\x01"));
}

TEST(PageTest, TheEndHasNoToken) {
  EXPECT_EQ(PageToken("", "query"), "");
  EXPECT_THAT(CursorOf("", "query"), IsOkAndHolds(""));
}

TEST(PageTest, RefusesTokensFromElsewhere) {
  const std::string good = PageToken("cursor", "query");
  std::string damaged = good;
  damaged[damaged.size() / 2] ^= 1;
  const std::string tokens[] = {
      PageToken("cursor", "other query"),
      damaged,
      good + "AAAA",
      "not base64!",
      base::Base64Encode("short"),
      base::Base64Encode("12345678"),
      std::string(1 << 20, 'A'),
  };
  for (const std::string& token : tokens) {
    EXPECT_THAT(CursorOf(token, "query"), HasReason("BAD_PAGE_TOKEN"))
        << token.substr(0, 40);
  }
}

TEST(PageTest, ACursorDoesNotPassForAPartOfTheQuery) {
  EXPECT_THAT(CursorOf(PageToken("bc", "a"), "ab"),
              HasReason("BAD_PAGE_TOKEN"));
}

}  // namespace
}  // namespace countersign::server
