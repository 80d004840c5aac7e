#include "client/oci/oci_json.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using ::countersign::base::StatusIs;
using ::testing::HasSubstr;

std::string Good() {
  return absl::StrCat(R"({"mediaType":"text/plain","digest":"sha256:)",
                      std::string(64, '1'),
                      R"(","size":17,"artifactType":"a/b","annotations":)",
                      R"({"k":"v"},"urls":["x"]})");
}

TEST(OciJsonTest, ReadsAndWritesADescriptor) {
  ASSERT_OK_AND_ASSIGN(const base::Json json, base::ParseJson(Good()));
  ASSERT_OK_AND_ASSIGN(const OciDescriptor got, ParseOciDescriptor(json));
  EXPECT_EQ(got.media_type, "text/plain");
  EXPECT_EQ(got.size, 17u);
  EXPECT_EQ(got.artifact_type, "a/b");
  EXPECT_EQ(got.annotations.at("k"), "v");
  EXPECT_EQ(base::CompactJson(OciDescriptorJson(got)),
            absl::StrReplaceAll(Good(), {{R"(,"urls":["x"])", ""}}));
}

TEST(OciJsonTest, WritesNoEmptyMembers) {
  OciDescriptor descriptor;
  descriptor.media_type = "a/b";
  descriptor.digest = "d";
  EXPECT_EQ(base::CompactJson(OciDescriptorJson(descriptor)),
            R"({"mediaType":"a/b","digest":"d","size":0})");
}

TEST(OciJsonTest, SaysWhichMemberOfADescriptorIsWrong) {
  const struct {
    const char *from, *to, *part;
  } rows[] = {
      {R"("text/plain")", "1", "mediaType"},
      {R"("digest")", R"("x")", "digest"},
      {"sha256:", "sha257:", "digest"},
      {":17", ":-1", "size"},
      {":17", ":1.5", "size"},
      {":17", ":1e300", "size"},
      {":17", R"(:"17")", "size"},
      {R"("a/b")", "null", "artifactType"},
      {R"({"k":"v"})", "[]", "annotations"},
      {R"("v")", "1", "annotation"},
  };
  for (const auto& row : rows) {
    ASSERT_OK_AND_ASSIGN(
        const base::Json json,
        base::ParseJson(absl::StrReplaceAll(Good(), {{row.from, row.to}})));
    EXPECT_THAT(
        ParseOciDescriptor(json),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(row.part)));
  }
  EXPECT_FALSE(ParseOciDescriptor(base::Json("text")).ok());
}

TEST(OciJsonTest, ReadsTheDescriptorsOfAnIndex) {
  ASSERT_OK_AND_ASSIGN(
      const auto two,
      ParseIndex(absl::StrCat(R"({"manifests":[)", Good(), ",", Good(), "]}")));
  EXPECT_EQ(two.size(), 2u);
  EXPECT_TRUE(ParseIndex(R"({"manifests":null})")->empty());
  for (const char* text : {"", "[]", "{}", R"({"manifests":{}})",
                           R"({"manifests":[1]})", R"({"manifests":[]} x)"}) {
    EXPECT_FALSE(ParseIndex(text).ok()) << text;
  }
}

TEST(OciJsonTest, RefusesAManifestAboveTheBound) {
  EXPECT_OK(ParseManifestJson(R"({"a":1})"));
  EXPECT_FALSE(ParseManifestJson(std::string(kMaxManifestBytes + 1, ' ')).ok());
  EXPECT_FALSE(ParseManifestJson(std::string(100, '[')).ok());
}

}  // namespace
}  // namespace countersign::client
