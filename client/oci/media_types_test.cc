#include "client/oci/media_types.h"

#include "gtest/gtest.h"

namespace countersign::client {
namespace {

TEST(MediaTypesTest, AcceptsTypesThatFitIntoAHeader) {
  for (const absl::string_view type :
       {kOciManifestType, kOciIndexType, kDockerManifestType, kDockerIndexType,
        kOciEmptyType, absl::string_view("text/plain")}) {
    EXPECT_TRUE(IsMediaType(type)) << type;
  }
  for (const absl::string_view type :
       {"", "/", "text", "text/", "/plain", "a/b/c", "a/b; c=d", "a/b\r\nX: y",
        "a/ b", ".a/b", "a/b\xff"}) {
    EXPECT_FALSE(IsMediaType(type)) << type;
  }
}

TEST(MediaTypesTest, TellsManifestFromIndex) {
  EXPECT_TRUE(IsIndexType(kOciIndexType));
  EXPECT_TRUE(IsIndexType(kDockerIndexType));
  EXPECT_FALSE(IsIndexType(kOciManifestType));
  EXPECT_TRUE(IsManifestType(kOciManifestType));
  EXPECT_TRUE(IsManifestType(kDockerManifestType));
  EXPECT_FALSE(IsManifestType(kOciIndexType));
}

}  // namespace
}  // namespace countersign::client
