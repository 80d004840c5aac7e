#include "client/ocm/content_digest.h"

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/openssl.h"
#include "base/status_matchers.h"
#include "client/oci/fake_registry.h"
#include "client/ocm/fake_component_repository.h"
#include "client/ocm/test_artifact_set.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using testing::HasSubstr;

constexpr char kOciSet[] = "application/vnd.oci.image.manifest.v1+tar+gzip";
const ComponentId kId{"acme.org/x", "1.0.0"};

std::string Hex(absl::string_view octets) {
  return base::HexEncode(base::Sha256(octets));
}

class ContentDigestTest : public testing::Test {
 protected:
  Resource Blob(const std::string& octets,
                const std::string& media_type = "text/plain") {
    Resource resource;
    resource.meta.name = "data";
    resource.access_type = "localBlob";
    resource.local_reference = repository_.AddBlob(kId, octets);
    resource.media_type = media_type;
    return resource;
  }
  Resource Image(const std::string& reference,
                 const std::string& type = "ociArtifact") {
    Resource resource;
    resource.meta.name = "image";
    resource.access_type = type;
    resource.image_reference = reference;
    return resource;
  }
  absl::StatusOr<ContentFinding> Find(
      const Resource& resource, HashAlgorithm hash = HashAlgorithm::kSha256) {
    return ContentDigester(registries_, {hash})
        .Find(repository_, kId, resource);
  }
  ContentFinding Found(const Resource& resource,
                       HashAlgorithm hash = HashAlgorithm::kSha256) {
    const auto found = Find(resource, hash);
    EXPECT_OK(found);
    return found.ok() ? *found : ContentFinding();
  }
  // Pushes a manifest; answers its digest.
  std::string Push(const std::string& tag) {
    const auto reference = ParseImageReference("r.example.org/app");
    const auto repository = registries_.Open(*reference);
    EXPECT_OK((*repository)->PutBlob(Sha256Digest("{}"), "{}"));
    const auto put =
        (*repository)
            ->PutManifest(
                tag, "application/vnd.oci.image.manifest.v1+json",
                absl::StrCat(R"({"schemaVersion":2,"config":)"
                             R"({"mediaType":"a/b","size":2,)"
                             R"("digest":")",
                             Sha256Digest("{}"), R"("},"layers":[]})"));
    EXPECT_OK(put);
    return put->digest;
  }

  FakeComponentRepository repository_;
  FakeRegistries registries_;
};

TEST_F(ContentDigestTest, HashesABlobAsItIsStored) {
  const ContentFinding found = Found(Blob(Gzip("text")));
  EXPECT_EQ(found.state, ContentState::kComputed);
  EXPECT_EQ(found.digest,
            (DigestSpec{"SHA-256", "genericBlobDigest/v1", Hex(Gzip("text"))}));
  EXPECT_EQ(Found(Blob("text"), HashAlgorithm::kSha512).digest->value,
            base::HexEncode(HashOctets(HashAlgorithm::kSha512, "text")));
}

TEST_F(ContentDigestTest, ComparesWithTheDigestThatIsThereByItsOwnHash) {
  Resource resource = Blob("text");
  for (const char* spelling : {"SHA-512", "sha512"}) {
    resource.digest = {
        spelling, "genericBlobDigest/v1",
        base::HexEncode(HashOctets(HashAlgorithm::kSha512, "text"))};
    EXPECT_EQ(Found(resource).state, ContentState::kMatches);
    EXPECT_EQ(Found(resource).digest, resource.digest);
  }
  resource.digest->value = Hex("other");
  const ContentFinding found = Found(resource);
  EXPECT_EQ(found.state, ContentState::kMismatch);
  EXPECT_THAT(found.note, HasSubstr("not what the descriptor says"));
}

TEST_F(ContentDigestTest, TakesTheManifestDigestOfAnArtifactSet) {
  const TestImage image = MakeTestImage("layer");
  const std::string hex = image.manifest_digest.substr(7);
  Resource resource = Blob(Gzip(image.set), kOciSet);
  EXPECT_EQ(Found(resource).digest,
            (DigestSpec{"SHA-256", "ociArtifactDigest/v1", hex}));
  // Images keep the hash that names them.
  EXPECT_EQ(Found(resource, HashAlgorithm::kSha512).digest->hash_algorithm,
            "SHA-256");
  for (const char* name : {"ociArtifactDigest/v1", "ociArtefactDigest/v1"}) {
    resource.digest = {"SHA-256", name, hex};
    EXPECT_EQ(Found(resource).state, ContentState::kMatches);
    resource.digest->value = Hex("other");
    EXPECT_EQ(Found(resource).state, ContentState::kMismatch);
  }
}

TEST_F(ContentDigestTest, TakesAManifestDigestThatIsCalledGeneric) {
  const TestImage image = MakeTestImage("layer");
  Resource resource = Blob(image.set, kOciSet);
  resource.digest = {"SHA-256", "genericBlobDigest/v1",
                     image.manifest_digest.substr(7)};
  ContentFinding found = Found(resource);
  EXPECT_EQ(found.state, ContentState::kMatches);
  EXPECT_THAT(found.note, HasSubstr("that of the manifest"));
  resource.digest->value = Hex(image.set);  // and one that is generic
  found = Found(resource);
  EXPECT_EQ(found.state, ContentState::kMatches);
  EXPECT_EQ(found.note, "");
  resource = Blob("no set", kOciSet);
  resource.digest = {"SHA-256", "genericBlobDigest/v1", Hex("no set")};
  EXPECT_EQ(Found(resource).state, ContentState::kMatches);
}

TEST_F(ContentDigestTest, RefusesAnImageThatIsNoArtifactSet) {
  EXPECT_THAT(Find(Blob("no set", kOciSet)).status(),
              HasReason("TAR_UNREADABLE"));
  EXPECT_THAT(Find(Blob("no set", kOciSet)).status().message(),
              HasSubstr("resource \"data\" of acme.org/x:1.0.0"));
}

TEST_F(ContentDigestTest, FindsALayerThatWasChangedInsideTheSet) {
  const TestImage image = MakeTestImage("layer");
  std::string changed = image.set;
  changed[changed.find(std::string("layer\0", 6))] = 'L';
  Resource resource = Blob(changed, kOciSet);
  resource.digest = {"SHA-256", "ociArtifactDigest/v1",
                     image.manifest_digest.substr(7)};
  EXPECT_EQ(Found(resource).state, ContentState::kMismatch);
}

TEST_F(ContentDigestTest, ReportsADamagedBlobAsAMismatch) {
  Resource resource = Blob("text");
  resource.digest = {"SHA-256", "genericBlobDigest/v1", Hex("text")};
  repository_.DamageBlob(resource.local_reference);
  EXPECT_EQ(Found(resource).state, ContentState::kMismatch);
  resource.digest.reset();
  EXPECT_THAT(Find(resource).status(), HasReason("DIGEST_MISMATCH"));
  resource.local_reference = Sha256Digest("missing");
  EXPECT_THAT(Find(resource).status(), HasReason("BLOB_UNKNOWN"));
}

TEST_F(ContentDigestTest, TakesThePinnedDigestOfAnImage) {
  const std::string digest(64, 'd');
  for (const char* type : {"ociArtifact", "ociRegistry", "OCIImage", "ociImage",
                           "ociArtifact/v1", "ociImage/v1"}) {
    const ContentFinding found = Found(
        Image(absl::StrCat("r.example.org/app:1.0@sha256:", digest), type));
    EXPECT_EQ(found.digest,
              (DigestSpec{"SHA-256", "ociArtifactDigest/v1", digest}));
  }
  EXPECT_EQ(registries_.Calls(), 0);
}

TEST_F(ContentDigestTest, AsksTheRegistryForATag) {
  const std::string digest = Push("1.0");
  Resource resource = Image("r.example.org/app:1.0");
  EXPECT_EQ(Found(resource).digest->value, digest.substr(7));
  resource.digest = {"SHA-256", "genericBlobDigest/v1", digest.substr(7)};
  EXPECT_EQ(Found(resource).state, ContentState::kMatches);
  EXPECT_THAT(Found(resource).note, HasSubstr("of the manifest"));
  resource.digest->value = Hex("other");
  EXPECT_EQ(Found(resource).state, ContentState::kMismatch);
  EXPECT_THAT(Find(Image("r.example.org/app:2.0")).status(),
              HasReason("MANIFEST_UNKNOWN"));
  EXPECT_THAT(Find(Image("")).status(), HasReason("REFERENCE_INVALID"));
}

TEST_F(ContentDigestTest, KeepsADigestWhoseContentCannotBeReached) {
  Resource resource = Blob("text");
  resource.access_type = "helm";
  EXPECT_THAT(Find(resource).status(), HasReason("CONTENT_UNREACHABLE"));
  EXPECT_THAT(Find(resource).status().message(),
              testing::AllOf(HasSubstr("\"helm\""), HasSubstr("\"data\"")));
  resource.digest = {"SHA-256", "genericBlobDigest/v1", Hex("x")};
  EXPECT_EQ(Found(resource).state, ContentState::kUnchecked);
  EXPECT_THAT(Found(resource).note, HasSubstr("content not checked"));
}

TEST_F(ContentDigestTest, LeavesNoneAndExcludedAlone) {
  Resource resource = Blob("text");
  for (const char* type : {"none", "None", "none/v1"}) {
    resource.access_type = type;
    EXPECT_EQ(Found(resource).state, ContentState::kNone);
  }
  resource.access_type = "localBlob";
  resource.local_reference = "nowhere";
  resource.digest = {"NO-DIGEST", "EXCLUDE-FROM-SIGNATURE", "NO-DIGEST"};
  EXPECT_EQ(Found(resource).state, ContentState::kExcluded);
}

TEST_F(ContentDigestTest, RefusesAnUnknownKindOfDigest) {
  Resource resource = Blob("text");
  resource.digest = {"SHA-256", "otherDigest/v1", Hex("text")};
  EXPECT_THAT(Find(resource).status(), HasReason("DIGEST_ALGORITHM_UNKNOWN"));
  resource.digest = {"MD5", "genericBlobDigest/v1", Hex("text")};
  EXPECT_THAT(Find(resource).status(), HasReason("HASH_UNKNOWN"));
}

}  // namespace
}  // namespace countersign::client
