#include "base/content_uuid.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::base {
namespace {

TEST(ContentUuidTest, IsTheSameForTheSameContentOnly) {
  EXPECT_EQ(UuidOfContent({"a", "b"}), UuidOfContent({"a", "b"}));
  EXPECT_NE(UuidOfContent({"a", "b"}), UuidOfContent({"ab", ""}));
  EXPECT_NE(UuidOfContent({"a", "b"}), UuidOfContent({"b", "a"}));
  EXPECT_NE(UuidOfContent({"a:1:b"}), UuidOfContent({"a", "b"}));
  EXPECT_NE(UuidOfContent({}), UuidOfContent({""}));
}

// printf '1:a1:b' | sha256sum, with the two fields of RFC 9562 put in.
TEST(ContentUuidTest, IsOfVersion8AndNeverChanges) {
  EXPECT_THAT(UuidOfContent({"a", "b"}),
              testing::MatchesRegex(
                  "[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-"
                  "[0-9a-f]{12}"));
  EXPECT_EQ(UuidOfContent({"a", "b"}), "facdde7a-bf1e-8c5b-b012-73ab2e282f79");
}

}  // namespace
}  // namespace countersign::base
