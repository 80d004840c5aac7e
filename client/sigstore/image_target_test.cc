#include "client/sigstore/image_target.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "client/oci/fake_registry.h"
#include "client/oci/media_types.h"
#include "client/oci/oci_digest.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using testing::HasSubstr;

class ImageTargetTest : public testing::Test {
 protected:
  ImageTargetTest()
      : reference_(ParseImageReference("registry.example/app:v1").value()),
        repository_(registries_.Open(reference_).value()) {}

  // A manifest without blobs, told apart by `name`. Its digest.
  std::string Image(const std::string& name) {
    return Put(std::string(kOciManifestType),
               absl::StrCat("{\"schemaVersion\":2,\"layers\":[],"
                            "\"annotations\":{\"n\":\"",
                            name, "\"}}"));
  }
  std::string Put(const std::string& type, const std::string& bytes,
                  const std::string& tag = "") {
    const std::string digest = OciDigestOf(bytes);
    EXPECT_OK(repository_->PutManifest(tag.empty() ? digest : tag, type, bytes)
                  .status());
    return digest;
  }
  static std::string Entry(const std::string& digest, absl::string_view type,
                           const std::string& more = "") {
    return absl::StrCat("{\"mediaType\":\"", type,
                        "\",\"size\":1,\"digest\":\"", digest, "\"", more, "}");
  }
  std::string Index(const std::string& entries, const std::string& tag = "") {
    return Put(
        std::string(kOciIndexType),
        absl::StrCat("{\"schemaVersion\":2,\"manifests\":[", entries, "]}"),
        tag);
  }

  FakeRegistries registries_;
  ImageReference reference_;
  std::unique_ptr<OciRepository> repository_;
};

TEST_F(ImageTargetTest, IsWhatTheTagNamesNow) {
  const std::string digest =
      Put(std::string(kOciManifestType), "{\"layers\":[]}", "v1");
  const auto target = ResolveImage(*repository_, reference_);
  ASSERT_OK(target.status());
  EXPECT_EQ(target->descriptor.digest, digest);
  EXPECT_EQ(target->descriptor.size, 13);
  EXPECT_EQ(target->descriptor.media_type, kOciManifestType);
}

TEST_F(ImageTargetTest, IsTheDigestWhereThereIsOne) {
  const std::string digest = Image("a");
  reference_.digest = digest;
  EXPECT_EQ(ResolveImage(*repository_, reference_)->descriptor.digest, digest);
}

TEST_F(ImageTargetTest, RefusesWhatNamesNoImage) {
  EXPECT_THAT(ResolveImage(*repository_, reference_),
              HasReason("MANIFEST_UNKNOWN"));
  reference_.tag.clear();
  EXPECT_THAT(ResolveImage(*repository_, reference_),
              HasReason("REFERENCE_INVALID"));
  reference_.digest = "sha512:" + std::string(128, 'a');
  EXPECT_THAT(ResolveImage(*repository_, reference_),
              HasReason("DIGEST_UNSUPPORTED"));
}

TEST_F(ImageTargetTest, SaysWhatToGiveInsteadOfATag) {
  ImageTarget target;
  target.descriptor.digest = "sha256:" + std::string(64, 'a');
  const absl::Status status = TagRefused(reference_, target);
  EXPECT_THAT(status, HasReason("TAG_REFUSED"));
  EXPECT_THAT(std::string(status.message()),
              testing::AllOf(HasSubstr("registry.example/app"),
                             HasSubstr("@" + target.descriptor.digest),
                             HasSubstr("--allow-tag")));
}

TEST_F(ImageTargetTest, ListsAnIndexWithItsImagesOnce) {
  const std::string a = Image("a");
  const std::string b = Image("b");
  const std::string inner = Index(Entry(b, kOciManifestType));
  Index(Entry(a, kOciManifestType,
              ",\"platform\":{\"os\":\"linux\",\"architecture\":\"arm\","
              "\"variant\":\"v7\"}") +
            "," + Entry(a, kOciManifestType) + "," +
            Entry(inner, kOciIndexType) + "," + Entry(b, kOciManifestType),
        "v1");
  const auto target = ResolveImage(*repository_, reference_);
  ASSERT_OK(target.status());
  const auto images = WithListedImages(*repository_, *target);
  ASSERT_OK(images.status());
  ASSERT_EQ(images->size(), 4);
  EXPECT_EQ((*images)[0].descriptor.digest, target->descriptor.digest);
  EXPECT_EQ((*images)[1].descriptor.digest, a);
  EXPECT_EQ((*images)[1].platform, "linux/arm/v7");
  EXPECT_EQ((*images)[2].descriptor.digest, inner);
  EXPECT_EQ((*images)[3].descriptor.digest, b);
}

TEST_F(ImageTargetTest, AnImageListsItself) {
  reference_.digest = Image("a");
  const auto target = ResolveImage(*repository_, reference_);
  EXPECT_EQ(WithListedImages(*repository_, *target)->size(), 1);
}

TEST_F(ImageTargetTest, StopsAtWhatIsNestedTooDeep) {
  std::string digest = Image("a");
  std::string type(kOciManifestType);
  for (int i = 0; i < 6; ++i) {
    digest = Index(Entry(digest, type));
    type = std::string(kOciIndexType);
  }
  reference_.digest = digest;
  const auto target = ResolveImage(*repository_, reference_);
  ASSERT_OK(target.status());
  EXPECT_THAT(WithListedImages(*repository_, *target),
              HasReason("INDEX_TOO_LARGE"));
}

TEST_F(ImageTargetTest, StopsAtWhatListsTooMuch) {
  std::string entries;
  for (int i = 0; i < 500; ++i) {
    absl::StrAppend(&entries, i == 0 ? "" : ",",
                    Entry(Image(absl::StrCat(i)), kOciManifestType));
  }
  Index(entries, "v1");
  const auto target = ResolveImage(*repository_, reference_);
  ASSERT_OK(target.status());
  EXPECT_THAT(WithListedImages(*repository_, *target),
              HasReason("INDEX_TOO_LARGE"));
}

}  // namespace
}  // namespace countersign::client
