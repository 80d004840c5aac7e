// Published digests of component descriptors (OCM's own tests, tutorials and
// tools) and the hard vectors under testdata/hard.
#include <string>
#include <vector>

#include "base/encoding.h"
#include "base/file.h"
#include "base/json.h"
#include "base/status_matchers.h"
#include "client/artifact/component_descriptor.h"
#include "client/artifact/hash_algorithm.h"
#include "client/artifact/normalisation.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using testing::HasSubstr;

constexpr char kKnown[] = "client/artifact/testdata/known/";
constexpr char kHard[] = "client/artifact/testdata/hard/";

struct Known {
  const char* name;
  const char* file;
  const char* normalisation;
  const char* hash;
  const char* digest;
};

class KnownDigest : public testing::TestWithParam<Known> {};

TEST_P(KnownDigest, IsReproduced) {
  const Known& known = GetParam();
  ASSERT_OK_AND_ASSIGN(const std::string text,
                       base::ReadFile(std::string(kKnown) + known.file));
  ASSERT_OK_AND_ASSIGN(const ComponentDescriptor descriptor,
                       ComponentDescriptor::Parse(text));
  ASSERT_OK_AND_ASSIGN(const std::string bytes,
                       Normalise(descriptor, known.normalisation));
  ASSERT_OK_AND_ASSIGN(const HashAlgorithm hash,
                       ParseHashAlgorithm(known.hash));
  EXPECT_EQ(base::HexEncode(HashOctets(hash, bytes)), known.digest) << bytes;
}

constexpr Known kKnownDigests[] = {
    {"IntrospectV1", "introspect.yaml", "v1", "SHA-256",
     "60656e9a2301f21f6f2b6d61e68541f4b3fc0d352ceed26245f948594452622c"},
    {"IntrospectV2", "introspect.yaml", "v2", "SHA-256",
     "2f8f029e45f0e158b7e9a5fa6523be0ae9ab9eadc6f3c7f2e37ebb6d8e79bb01"},
    {"IntrospectV3", "introspect.yaml", "v3", "SHA-256",
     "2f8f029e45f0e158b7e9a5fa6523be0ae9ab9eadc6f3c7f2e37ebb6d8e79bb01"},
    {"IntrospectV4Alpha1", "introspect.yaml", "v4alpha1", "SHA-256",
     "2f8f029e45f0e158b7e9a5fa6523be0ae9ab9eadc6f3c7f2e37ebb6d8e79bb01"},
    {"TransportedV1", "introspect-transported.yaml", "v1", "SHA-256",
     "60656e9a2301f21f6f2b6d61e68541f4b3fc0d352ceed26245f948594452622c"},
    {"NoneAccessV1", "introspect-none.yaml", "v1", "SHA-256",
     "ff3972a8ae51cb46bcd6b3d074c17f735d07dbee0f6c063a639659343290a35a"},
    {"NoneAccessV2", "introspect-none.yaml", "v2", "SHA-256",
     "069fb24a291788bb94e3e308057ebf58e467988393764e3e8860184b32806c63"},
    {"ProviderLabelsV1", "provider-labels.yaml", "v1", "SHA-256",
     "51c2957210074a282b62e95c997fef8a07279acb85a6e03ec8bfee00726bb0ca"},
    {"ProviderLabelsV2", "provider-labels.yaml", "v2", "SHA-256",
     "929988755c6257f5f4a4d3d146d4013070e79030b27c2d3ca1f060232034ad86"},
    {"ProviderLabelsV2FromV3Alpha1", "provider-labels.v3alpha1.yaml", "v2",
     "SHA-256",
     "929988755c6257f5f4a4d3d146d4013070e79030b27c2d3ca1f060232034ad86"},
    {"OcmCliV3", "ocmcli.yaml", "v3", "SHA-256",
     "c97c44a4dca9fc85d4e634a617b662f72935cc202d52a46aa9367c937458b35b"},
    {"OcmCliV4Alpha1", "ocmcli.yaml", "v4alpha1", "SHA-256",
     "c97c44a4dca9fc85d4e634a617b662f72935cc202d52a46aa9367c937458b35b"},
    {"HelloWorldV4Alpha1", "helloworld.json", "v4alpha1", "SHA-256",
     "4e376182b3d535143e8e009b1e467df3a5b0c1f912c71ae432200654c355606f"},
    {"TestAV1", "test-a.yaml", "v1", "SHA-256",
     "01de99400030e8336020059a435cea4e7fe8f21aad4faf619da882134b85569d"},
    {"TestAV2", "test-a.yaml", "v2", "SHA-256",
     "10ac0b3a850e1f1becf56d5d45e9742fa0a91103d25ba93cc3a509f68797e90f"},
    {"TestAV3", "test-a.yaml", "v3", "SHA-256",
     "10ac0b3a850e1f1becf56d5d45e9742fa0a91103d25ba93cc3a509f68797e90f"},
    {"TestBV1", "test-b.v1.yaml", "v1", "SHA-256",
     "5f416ec59629d6af91287e2ba13c6360339b6a0acf624af2abd2a810ce4aefce"},
    {"TestBV2", "test-b.v2.yaml", "v2", "SHA-256",
     "1ae74420ef29436ad75133d81bceb59fa8ef1e2ce083a45b5f4baaec641a4266"},
    {"TestBV3", "test-b.v3.yaml", "v3", "SHA-256",
     "766f26b09237f9647714e85fac914f115d0b4c3277b01ec00cfeb3b50a68cde9"},
    {"Sha512", "sha512.yaml", "v1", "SHA-512",
     "7aa760f27b494814e56c44413afd7bc9d932df28918d63bea222be4bd2b6abd9"
     "21225cca2140d6eb549418a75b8db2a32be1852012d77474657505f0ea57b34d"},
    {"Empty", "empty.json", "v1", "SHA-256",
     "5ed8bb27309c3c2fff43f3b0f3ebb56a5737ad6db4bc8ace73c5455cb86faf54"},
};

INSTANTIATE_TEST_SUITE_P(Published, KnownDigest,
                         testing::ValuesIn(kKnownDigests),
                         [](const auto& info) {
                           return std::string(info.param.name);
                         });

// The texts that OCM's own tests expect.
TEST(KnownText, V1OverSchemaV3Alpha1KeepsAllProviderLabels) {
  ASSERT_OK_AND_ASSIGN(
      const std::string text,
      base::ReadFile(std::string(kKnown) + "provider-labels.v3alpha1.yaml"));
  ASSERT_OK_AND_ASSIGN(const ComponentDescriptor descriptor,
                       ComponentDescriptor::Parse(text));
  EXPECT_THAT(
      Normalise(descriptor, "jsonNormalisation/v1"),
      base::IsOkAndHolds(testing::StrEq(
          R"([{"apiVersion":"ocm.software/v3alpha1"},{"kind":"ComponentVersion"},)"
          R"({"metadata":[{"labels":[[{"name":"non-volatile"},{"signing":true},)"
          R"({"value":"comp-value2"}]]},{"name":"github.com/vasu1124/introspect"},)"
          R"({"provider":[{"labels":[[{"name":"volatile"},{"value":"prov-value1"}],)"
          R"([{"name":"non-volatile"},{"signing":true},{"value":"prov-value2"}]]},)"
          R"({"name":"internal"}]},{"version":"1.0.0"}]},{"spec":[]}])")));
}

TEST(KnownText, OnlyV1AndV2PutVersionsIntoDoubledIdentities) {
  ASSERT_OK_AND_ASSIGN(const std::string text,
                       base::ReadFile(std::string(kKnown) + "duplicates.yaml"));
  ASSERT_OK_AND_ASSIGN(const ComponentDescriptor descriptor,
                       ComponentDescriptor::Parse(text));
  EXPECT_THAT(Normalise(descriptor, "v1"),
              base::IsOkAndHolds(HasSubstr(
                  R"("resources":[[{"extraIdentity":[{"version":"1.0.0"}]},)"
                  R"({"name":"image"})")));
  EXPECT_THAT(Normalise(descriptor, "v2"),
              base::IsOkAndHolds(HasSubstr(
                  R"("resources":[{"extraIdentity":{"version":"1.0.0"},)")));
  EXPECT_THAT(Normalise(descriptor, "v3"),
              base::IsOkAndHolds(testing::Not(HasSubstr("extraIdentity"))));
}

base::Json ReadJson(const std::string& name) {
  const absl::StatusOr<std::string> text = base::ReadFile(kHard + name);
  if (!text.ok()) return base::Json();
  const absl::StatusOr<base::Json> json = base::ParseJson(*text);
  return json.ok() ? *json : base::Json();
}

TEST(HardVectors, AllBytesAndDigestsAreReproduced) {
  const base::Json vectors = ReadJson("vectors.json");
  ASSERT_TRUE(vectors.is_array());
  ASSERT_EQ(vectors.array().size(), 95u);
  for (const base::Json& vector : vectors.array()) {
    const auto field = [&vector](const char* name) {
      return vector.Find(name)->string();
    };
    SCOPED_TRACE(field("id") + " " + field("normalisationAlgorithm"));
    ASSERT_OK_AND_ASSIGN(const std::string text,
                         base::ReadFile(kHard + field("descriptor")));
    ASSERT_OK_AND_ASSIGN(const std::string want,
                         base::ReadFile(kHard + field("normalised")));
    ASSERT_OK_AND_ASSIGN(const ComponentDescriptor descriptor,
                         ComponentDescriptor::Parse(text));
    ASSERT_OK_AND_ASSIGN(
        const std::string got,
        Normalise(descriptor, field("normalisationAlgorithm")));
    EXPECT_EQ(got, want);
    ASSERT_OK_AND_ASSIGN(const HashAlgorithm hash,
                         ParseHashAlgorithm(field("hashAlgorithm")));
    EXPECT_EQ(base::HexEncode(HashOctets(hash, got)), field("digest"));
  }
}

// refused.json says which tool refuses; "accepted" begins what it takes.
TEST(HardVectors, WhatAToolRefusesIsRefusedForItsNormalisation) {
  const base::Json refused = ReadJson("refused.json");
  ASSERT_TRUE(refused.is_array());
  ASSERT_EQ(refused.array().size(), 9u);
  for (const base::Json& entry : refused.array()) {
    SCOPED_TRACE(entry.Find("id")->string());
    ASSERT_OK_AND_ASSIGN(
        const std::string text,
        base::ReadFile(kHard + entry.Find("descriptor")->string()));
    const absl::StatusOr<ComponentDescriptor> descriptor =
        ComponentDescriptor::Parse(text);
    const bool new_accepts =
        entry.Find("new")->string().rfind("accepted", 0) == 0;
    ASSERT_EQ(descriptor.ok(), new_accepts) << descriptor.status();
    if (!descriptor.ok()) {
      EXPECT_EQ(descriptor.status().code(), absl::StatusCode::kInvalidArgument);
      continue;
    }
    for (const char* algorithm : {"v1", "v2", "v3"}) {
      EXPECT_THAT(Normalise(*descriptor, algorithm),
                  HasReason("DESCRIPTOR_SCHEMA"));
    }
    EXPECT_OK(Normalise(*descriptor, "v4alpha1"));
  }
}

}  // namespace
}  // namespace countersign::client
