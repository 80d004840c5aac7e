#include "client/ocm/version_tag.h"

#include <string>

#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

TEST(VersionTag, ReplacesEveryPlus) {
  EXPECT_THAT(TagOf("1.0.0"), base::IsOkAndHolds("1.0.0"));
  EXPECT_THAT(TagOf("1.0.0+b.3"), base::IsOkAndHolds("1.0.0.build-b.3"));
  EXPECT_THAT(TagOf("v1+a+b"), base::IsOkAndHolds("v1.build-a.build-b"));
}

TEST(VersionTag, ComesBackByTheLastOccurrence) {
  EXPECT_EQ(VersionOfTag("1.0.0"), "1.0.0");
  EXPECT_EQ(VersionOfTag("1.0.0.build-b.3"), "1.0.0+b.3");
  EXPECT_EQ(VersionOfTag("v1.build-a.build-b"), "v1.build-a+b");
}

TEST(VersionTag, RefusesWhatCanBeNoTag) {
  for (const std::string& version :
       {std::string(), std::string("1/2"), std::string("1 2"),
        std::string("-1"), std::string("1:2"), std::string("1\n"),
        std::string(129, '1'), std::string("1\xc3\xa9")}) {
    EXPECT_THAT(TagOf(version), base::HasReason("VERSION_INVALID")) << version;
  }
  EXPECT_OK(TagOf(std::string(128, '1')));
}

TEST(VersionTag, KnowsEachWayOfWriting) {
  EXPECT_TRUE(IsTagOf("1+b", "1+b"));
  EXPECT_TRUE(IsTagOf("1.build-b", "1+b"));
  EXPECT_TRUE(IsTagOf("1.build-a+b", "1+a+b"));
  EXPECT_TRUE(IsTagOf("1.build-a.build-b", "1+a+b"));
  EXPECT_FALSE(IsTagOf("1.build-c", "1+b"));
  EXPECT_FALSE(IsTagOf("1", "1+b"));
}

}  // namespace
}  // namespace countersign::client
