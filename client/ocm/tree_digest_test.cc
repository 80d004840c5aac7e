#include "client/ocm/tree_digest.h"

#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "client/oci/fake_registry.h"
#include "client/ocm/fake_component_repository.h"
#include "client/ocm/test_components.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using testing::HasSubstr;
using testing::Not;
using Basis = DigestMode::Basis;

ComponentId Id(const std::string& name) {
  return {absl::StrCat("acme.org/", name), "1.0.0"};
}

DigestMode Mode(NormalisationAlgorithm normalisation,
                HashAlgorithm hash = HashAlgorithm::kSha256) {
  DigestMode mode;
  mode.normalisation = normalisation;
  mode.hash = hash;
  return mode;
}
const DigestMode kV3 = Mode(NormalisationAlgorithm::kJsonV3);

class TreeDigestTest : public testing::Test {
 protected:
  // The tree of `root`; it lives as long as the test.
  TreeDigest Load(const ComponentId& root) {
    auto tree = LoadComponentTree({root}, {&repository_});
    EXPECT_OK(tree);
    trees_.push_back(std::make_unique<ComponentTree>(*std::move(tree)));
    ContentDigester digester(registries_,
                             {HashAlgorithm::kSha256, HashAlgorithm::kSha512});
    auto digests = TreeDigest::Create(*trees_.back(), digester);
    EXPECT_OK(digests);
    return *std::move(digests);
  }
  std::string RootDigest(const std::string& name,
                         const DigestMode& mode = kV3) {
    TreeDigest digests = Load(Id(name));
    const auto digest = digests.Digest(digests.tree().roots[0], mode);
    EXPECT_OK(digest);
    return digest->value;
  }
  ReferenceState FirstReference(const std::string& name) {
    TreeDigest digests = Load(Id(name));
    const auto found = digests.CheckReference(digests.tree().roots[0], 0);
    EXPECT_OK(found);
    return found->state;
  }
  // A component with one blob.
  void AddLeaf(const std::string& name, const std::string& octets,
               const std::string& digest = "") {
    repository_.Add(
        Id(name),
        TestDescriptor(
            name,
            {TestResource("data",
                          TestBlobAccess(repository_.AddBlob(Id(name), octets)),
                          digest)},
            {}));
  }

  FakeComponentRepository repository_;
  FakeRegistries registries_;
  std::vector<std::unique_ptr<ComponentTree>> trees_;
};

// Digests that OCM's own tests publish, from content alone.
TEST_F(TreeDigestTest, ComputesThePublishedDigestsFromContent) {
  const ComponentId a{"github.com/mandelsoft/test", "v1"};
  const ComponentId b{"github.com/mandelsoft/ref", "v1"};
  const auto resource = [](const std::string& name, const std::string& type,
                           const std::string& access,
                           const std::string& labels = "") {
    return absl::StrCat("{name: ", name, ", type: ", type,
                        ", version: v1, relation: local, access: ", access,
                        labels, "}");
  };
  const auto descriptor = [](const ComponentId& id,
                             const std::string& resources,
                             const std::string& references) {
    return absl::StrCat(
        "meta: {schemaVersion: v2}\ncomponent: {name: ", id.name,
        ", version: v1, provider: mandelsoft, ",
        "repositoryContexts: [], sources: [], resources: [", resources,
        "], componentReferences: [", references, "]}\n");
  };
  const auto image = [](const std::string& hex) {
    return absl::StrCat(
        "{type: ociArtifact, imageReference: \"r.io/x@sha256:", hex, "\"}");
  };
  repository_.Add(
      a,
      descriptor(
          a,
          absl::StrCat(
              resource("testdata", "PlainText",
                       TestBlobAccess(repository_.AddBlob(a, "testdata"))),
              ", ",
              resource("value", "ociImage",
                       image("0c4abdb72cf59cb4b77f4aacb4775f9f546ebc3face189b22"
                             "24a966c8826ca9f"),
                       ", labels: [{name: transportByValue, value: true}]"),
              ", ",
              resource("ref", "ociImage",
                       image("c2d2dca275c33c1270dea6168a002d67c0e98780d7a54960"
                             "758139ae19984bd7"))),
          ""));
  repository_.Add(
      b, descriptor(
             b,
             resource("otherdata", "PlainText",
                      TestBlobAccess(repository_.AddBlob(b, "otherdata"))),
             "{name: ref, version: v1, componentName: github.com/mandelsoft/"
             "test}"));
  TreeDigest digests = Load(b);
  const std::vector<std::pair<NormalisationAlgorithm, std::string>> kPublished =
      {{NormalisationAlgorithm::kJsonV1,
        "5f416ec59629d6af91287e2ba13c6360339b6a0acf624af2abd2a810ce4aefce"},
       {NormalisationAlgorithm::kJsonV3,
        "766f26b09237f9647714e85fac914f115d0b4c3277b01ec00cfeb3b50a68cde9"}};
  for (const auto& [normalisation, want] : kPublished) {
    ASSERT_OK_AND_ASSIGN(const DigestSpec got,
                         digests.Digest(1, Mode(normalisation)));
    EXPECT_EQ(got.value, want);
  }
  ASSERT_OK_AND_ASSIGN(const DigestSpec nested, digests.Digest(0, kV3));
  EXPECT_EQ(nested.value,
            "10ac0b3a850e1f1becf56d5d45e9742fa0a91103d25ba93cc3a509f68797e90f");
}

TEST_F(TreeDigestTest, DependsOnTheContentBelow) {
  repository_.Add(Id("top"),
                  TestDescriptor("top", {}, {TestReference("leaf")}));
  AddLeaf("leaf", "one");
  const std::string before = RootDigest("top");
  AddLeaf("leaf", "two");
  EXPECT_NE(RootDigest("top"), before);
}

TEST_F(TreeDigestTest, ChecksStoredReferencesByTheirOwnKind) {
  AddLeaf("leaf", "one");
  for (const char* name : {"v1", "v2", "v3", "v4alpha1"}) {
    ASSERT_OK_AND_ASSIGN(const NormalisationAlgorithm algorithm,
                         ParseNormalisationAlgorithm(name));
    for (const HashAlgorithm hash :
         {HashAlgorithm::kSha256, HashAlgorithm::kSha512}) {
      repository_.Add(
          Id("top"),
          TestDescriptor(
              "top", {},
              {TestReference(
                  "leaf", TestDigest(NormalisationName(algorithm),
                                     RootDigest("leaf", Mode(algorithm, hash)),
                                     HashName(hash)))}));
      EXPECT_EQ(FirstReference("top"), ReferenceState::kMatches) << name;
    }
  }
  AddLeaf("leaf", "two");
  EXPECT_EQ(FirstReference("top"), ReferenceState::kMismatch);
}

TEST_F(TreeDigestTest, TakesEmptyDigestsForNone) {
  AddLeaf("leaf", "one");
  repository_.Add(
      Id("top"),
      TestDescriptor("top", {},
                     {TestReference("leaf",
                                    ", digest: {hashAlgorithm: \"\", "
                                    "normalisationAlgorithm: \"\", "
                                    "value: \"\"}")}));
  EXPECT_EQ(FirstReference("top"), ReferenceState::kAbsent);
  TreeDigest digests = Load(Id("top"));
  EXPECT_FALSE(digests.IsComplete(1));
  ASSERT_OK_AND_ASSIGN(const std::string text, digests.Text(1, kV3));
  EXPECT_THAT(text, HasSubstr(RootDigest("leaf")));
}

TEST_F(TreeDigestTest, ReplacesAReferenceDigestOfAnotherKind) {
  AddLeaf("leaf", "one");
  const DigestMode v1 = Mode(NormalisationAlgorithm::kJsonV1);
  repository_.Add(
      Id("top"),
      TestDescriptor(
          "top", {},
          {TestReference("leaf", TestDigest("jsonNormalisation/v1",
                                            RootDigest("leaf", v1)))}));
  TreeDigest digests = Load(Id("top"));
  ASSERT_OK_AND_ASSIGN(const std::string v3_text, digests.Text(1, kV3));
  EXPECT_THAT(v3_text, HasSubstr(RootDigest("leaf")));
  EXPECT_THAT(v3_text, Not(HasSubstr("jsonNormalisation/v1")));
  ASSERT_OK_AND_ASSIGN(const std::string v1_text, digests.Text(1, v1));
  EXPECT_THAT(v1_text, HasSubstr(RootDigest("leaf", v1)));
  DigestMode stored = kV3;
  stored.basis = Basis::kAsStored;
  ASSERT_OK_AND_ASSIGN(const std::string same, digests.Text(1, stored));
  EXPECT_EQ(same, digests.tree().versions[1].text);
}

TEST_F(TreeDigestTest, SpellsHashesAsTheSignatureDoes) {
  AddLeaf("leaf", "one");
  TreeDigest digests = Load(Id("leaf"));
  ASSERT_OK_AND_ASSIGN(
      const DigestMode older,
      ModeOf({"sha256", "jsonNormalisation/v1", std::string(64, '0')}));
  EXPECT_TRUE(older.older_spelling);
  ASSERT_OK_AND_ASSIGN(const std::string text, digests.Text(0, older));
  EXPECT_THAT(text, HasSubstr("hashAlgorithm: sha256"));
  ASSERT_OK_AND_ASSIGN(const DigestSpec digest, digests.Digest(0, older));
  EXPECT_EQ(digest.hash_algorithm, "sha256");
  EXPECT_NE(digest.value,
            RootDigest("leaf", Mode(NormalisationAlgorithm::kJsonV1)));
}

TEST_F(TreeDigestTest, ReadsEachContentOnceForAllDigests) {
  AddLeaf("leaf", "one");
  repository_.Add(Id("left"),
                  TestDescriptor("left", {}, {TestReference("leaf")}));
  repository_.Add(Id("top"), TestDescriptor("top", {},
                                            {TestReference("left"),
                                             TestReference("leaf")}));
  TreeDigest digests = Load(Id("top"));
  for (const NormalisationAlgorithm one :
       {NormalisationAlgorithm::kJsonV1, NormalisationAlgorithm::kJsonV3}) {
    EXPECT_OK(digests.Digest(2, Mode(one)));
  }
  EXPECT_EQ(repository_.blob_reads(), 1);
}

TEST_F(TreeDigestTest, ComputesALongChainWithoutLongRecursion) {
  constexpr int kLength = 300;
  for (int i = 0; i < kLength; ++i) {
    const std::string name = absl::StrCat("n", i);
    repository_.Add(
        Id(name),
        TestDescriptor(name, {},
                       i + 1 < kLength ? std::vector<std::string>{TestReference(
                                             absl::StrCat("n", i + 1))}
                                       : std::vector<std::string>()));
  }
  EXPECT_EQ(RootDigest("n0").size(), 64u);
}

}  // namespace
}  // namespace countersign::client
