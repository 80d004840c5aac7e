#include "client/sigstore/signature_manifest.h"

#include <string>

#include "base/file.h"
#include "base/sha256.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using base::IsOkAndHolds;
using base::Json;
using testing::HasSubstr;

std::string Data(const std::string& name) {
  const auto octets =
      base::ReadFile("client/sigstore/testdata/" + name, 1 << 20);
  EXPECT_OK(octets.status());
  return octets.value_or("");
}

// The layers that cosign pushed, in its order.
std::vector<SignatureLayer> LayersOfCosign() {
  const auto there = SignatureManifest::Parse(Data("legacy/sig-manifest.json"),
                                              Data("legacy/sig-config.json"));
  EXPECT_OK(there.status());
  return there->layers();
}

TEST(SignatureManifest, TagOfAnImage) {
  EXPECT_EQ(SignatureTag("sha256:ab"), "sha256-ab.sig");
}

TEST(SignatureManifest, ReadsTheLayersOfCosign) {
  const std::vector<SignatureLayer> layers = LayersOfCosign();
  ASSERT_EQ(layers.size(), 2);
  const std::string payload = Data("legacy/payload.json");
  EXPECT_EQ(layers[0].payload_digest, "sha256:" + base::Sha256Hex(payload));
  EXPECT_EQ(layers[0].payload_size, payload.size());
  EXPECT_THAT(layers[0].signature, testing::StartsWith("MEYCIQDMYVA0"));
  EXPECT_EQ(layers[1].certificate_pem, "");
}

TEST(SignatureManifest, HasTheOctetsOfCosignForTheSameSignatures) {
  SignatureManifest made;
  for (const SignatureLayer& layer : LayersOfCosign()) {
    EXPECT_FALSE(made.Holds(layer));
    ASSERT_OK(made.Append(layer));
    EXPECT_TRUE(made.Holds(layer));
  }
  EXPECT_EQ(made.Config(), Data("legacy/sig-config.json"));
  EXPECT_EQ(made.Manifest(), Data("legacy/sig-manifest.json"));
}

TEST(SignatureManifest, HasTheOctetsOfOneSignature) {
  SignatureManifest made;
  const std::string payload = Data("simple/payload.json");
  ASSERT_OK(made.Append({"sha256:" + base::Sha256Hex(payload), payload.size(),
                         Data("simple/signature.b64"), "", ""}));
  EXPECT_EQ(made.Config(), Data("simple/sig-config.json"));
  EXPECT_THAT(SignatureManifest::ConfigDigest(made.Manifest()),
              IsOkAndHolds("sha256:" + base::Sha256Hex(made.Config())));
}

TEST(SignatureManifest, PutsCertificatesBesideTheSignature) {
  SignatureManifest made;
  ASSERT_OK(made.Append({"sha256:aa", 1, "c2ln", "LEAF\n", "CA\n"}));
  EXPECT_THAT(made.Manifest(),
              HasSubstr("\"annotations\":{"
                        "\"dev.cosignproject.cosign/signature\":\"c2ln\","
                        "\"dev.sigstore.cosign/certificate\":\"LEAF\\n\","
                        "\"dev.sigstore.cosign/chain\":\"CA\\n\"}"));
  const auto read = SignatureManifest::Parse(made.Manifest(), made.Config());
  ASSERT_OK(read.status());
  EXPECT_EQ(read->layers()[0].certificate_pem, "LEAF\n");
  EXPECT_EQ(read->layers()[0].chain_pem, "CA\n");
}

TEST(SignatureManifest, KeepsAllElseWhenItAppends) {
  const std::string manifest =
      "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"x/y\",\"size\":2,"
      "\"digest\":\"sha256:cc\",\"own\":1},\"layers\":[{\"mediaType\":"
      "\"other\",\"digest\":\"sha256:dd\",\"size\":3}],\"annotations\":"
      "{\"a\":\"b\"},\"future\":[1.5,{}]}";
  auto there = SignatureManifest::Parse(manifest,
                                        "{\"rootfs\":{\"diff_ids\":"
                                        "[\"sha256:dd\"]},\"z\":0}");
  ASSERT_OK(there.status());
  EXPECT_TRUE(there->layers().empty());  // of another kind
  ASSERT_OK(there->Append({"sha256:aa", 1, "c2ln", "", ""}));
  EXPECT_EQ(there->Config(),
            "{\"rootfs\":{\"diff_ids\":[\"sha256:dd\",\"sha256:aa\"]},"
            "\"z\":0}");
  EXPECT_THAT(there->Manifest(), HasSubstr("\"annotations\":{\"a\":\"b\"},"
                                           "\"future\":[1.5,{}]}"));
  EXPECT_THAT(there->Manifest(), HasSubstr("\"mediaType\":\"x/y\""));
  EXPECT_THAT(there->Manifest(), HasSubstr("\"own\":1"));
  EXPECT_EQ(there->layers().size(), 1);
}

TEST(SignatureManifest, LeavesAConfigurationOfAnotherKindAlone) {
  for (const char* config : {"{}", "not json", "{\"rootfs\":{}}"}) {
    auto there = SignatureManifest::Parse(
        "{\"config\":{\"digest\":\"sha256:cc\"},\"layers\":[]}", config);
    ASSERT_OK(there.status());
    ASSERT_OK(there->Append({"sha256:aa", 1, "c2ln", "", ""}));
    EXPECT_EQ(there->Config(), config);
    EXPECT_THAT(there->Manifest(), HasSubstr("{\"digest\":\"sha256:cc\"}"));
  }
}

TEST(SignatureManifest, RefusesWhatIsNoManifest) {
  for (const char* text :
       {"", "[]", "{}", "{\"layers\":[]}", "{\"layers\":{},\"config\":{}}",
        "{\"layers\":[],\"config\":{\"digest\":1}}"}) {
    EXPECT_THAT(SignatureManifest::Parse(text, "{}"),
                HasReason("SIGNATURE_MANIFEST_UNREADABLE"))
        << text;
    EXPECT_THAT(SignatureManifest::ConfigDigest(text),
                HasReason("SIGNATURE_MANIFEST_UNREADABLE"));
  }
}

TEST(SignatureManifest, StopsWhereCosignReadsNoMore) {
  SignatureManifest made;
  for (int i = 0; i < 1000; ++i) {
    ASSERT_OK(made.Append({"sha256:aa", 1, "c2ln", "", ""}));
  }
  EXPECT_THAT(made.Append({"sha256:aa", 1, "c2ln", "", ""}),
              HasReason("TOO_MANY_SIGNATURES"));
}

}  // namespace
}  // namespace countersign::client
