#include "client/ocm/artifact_set.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/status_matchers.h"
#include "client/ocm/test_artifact_set.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using testing::HasSubstr;

absl::StatusOr<std::string> DigestOf(const std::string& set,
                                     size_t piece = 4096) {
  ArtifactSet reader;
  for (size_t i = 0; i < set.size(); i += piece) {
    const absl::Status status = reader.Add(set.substr(i, piece));
    if (!status.ok()) return status;
  }
  return reader.Finish();
}

std::string BlobName(const std::string& digest, char separator = '.') {
  return absl::StrCat("blobs/sha256", std::string(1, separator),
                      digest.substr(7));
}

TEST(ArtifactSetTest, KnowsTheMediaTypesOfImages) {
  for (const char* type :
       {"application/vnd.oci.image.manifest.v1+tar+gzip",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.oci.image.index.v1+tar",
        "application/vnd.docker.distribution.manifest.v2+json+tar+gzip",
        "application/vnd.docker.distribution.manifest.list.v2"}) {
    EXPECT_TRUE(IsArtifactMediaType(type)) << type;
  }
  for (const char* type : {"", "text/plain", "application/gzip",
                           "application/vnd.oci.image.layer.v1.tar+gzip",
                           "application/vnd.oci.image.manifest.v1+zstd"}) {
    EXPECT_FALSE(IsArtifactMediaType(type)) << type;
  }
}

TEST(ArtifactSetTest, FindsTheOnlyManifest) {
  const TestImage image = MakeTestImage("layer");
  EXPECT_THAT(DigestOf(image.set), base::IsOkAndHolds(image.manifest_digest));
  EXPECT_THAT(DigestOf(Gzip(image.set), 10),
              base::IsOkAndHolds(image.manifest_digest));
}

// Two manifests, a and b; b has the tags "1.0" and "latest".
std::string TwoManifests(const std::string& main) {
  const std::string a = R"({"a":1})";
  const std::string b = R"({"b":1})";
  return Tar(
      {{BlobName(Sha256Digest(a), '/'), a},
       {BlobName(Sha256Digest(b), '/'), b},
       {"index.json",
        absl::StrCat(
            R"({"annotations":{"software.ocm/main":")", main,
            R"("},"manifests":[{"digest":")", Sha256Digest(a),
            R"("},{"digest":")", Sha256Digest(b),
            R"(","annotations":{"software.ocm/tags":"latest,1.0"}}]})")}});
}

TEST(ArtifactSetTest, FindsTheMainManifestByDigestAndByTag) {
  const std::string a = Sha256Digest(R"({"a":1})");
  const std::string b = Sha256Digest(R"({"b":1})");
  EXPECT_THAT(DigestOf(TwoManifests(a)), base::IsOkAndHolds(a));
  EXPECT_THAT(DigestOf(TwoManifests("1.0")), base::IsOkAndHolds(b));
  EXPECT_THAT(DigestOf(TwoManifests("2.0")).status(),
              HasReason("ARTIFACT_SET_UNREADABLE"));
  EXPECT_THAT(DigestOf(TwoManifests("")).status().message(),
              HasSubstr("2 manifests"));
}

TEST(ArtifactSetTest, ReadsTheOlderForm) {
  const std::string manifest = "{}";
  const std::string digest = Sha256Digest(manifest);
  EXPECT_THAT(DigestOf(Tar({{"artifact-descriptor.json",
                             absl::StrCat(R"({"manifests":[{"digest":")",
                                          digest, R"("}]})")},
                            {BlobName(digest), manifest}})),
              base::IsOkAndHolds(digest));
}

TEST(ArtifactSetTest, RefusesABlobThatIsNotWhatItsNameSays) {
  const TestImage image = MakeTestImage("layer");
  const std::string changed = absl::StrReplaceAll(
      image.set, {{std::string("layer\0", 6), std::string("l4yer\0", 6)}});
  ASSERT_NE(changed, image.set);
  EXPECT_THAT(DigestOf(changed).status(), HasReason("DIGEST_MISMATCH"));
}

TEST(ArtifactSetTest, RefusesWhatIsNone) {
  const std::string digest = Sha256Digest("{}");
  const auto index = [](const std::string& text) {
    return Tar({{"index.json", text}});
  };
  for (const std::string& set : std::vector<std::string>{
           Tar({{"a", "b"}}), index(""), index("{"), index("[]"),
           index(R"({"manifests":[]})"), index(R"({"manifests":[7]})"),
           index(
               absl::StrCat(R"({"manifests":[{"digest":")", digest, R"("}]})")),
           TarEntry("index.json", "{}") + index("{}"),
           TarEntry("index.json", std::string(5 << 20, ' '))}) {
    EXPECT_THAT(DigestOf(set).status(), HasReason("ARTIFACT_SET_UNREADABLE"));
  }
  EXPECT_THAT(DigestOf(R"({"schemaVersion":2})").status(),
              HasReason("TAR_UNREADABLE"));
}

}  // namespace
}  // namespace countersign::client
