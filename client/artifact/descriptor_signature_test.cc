#include "client/artifact/descriptor_signature.h"

#include <string>

#include "base/status_matchers.h"
#include "client/artifact/test_certificates.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using base::SignatureScheme;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kText[] =
    "{\"meta\":{\"schemaVersion\":\"v2\"},\"component\":{\"name\":"
    "\"github.com/acme.org/helloworld\",\"version\":\"1.0.0\",\"provider\":"
    "\"acme.org\",\"repositoryContexts\":[],\"sources\":[],"
    "\"componentReferences\":[],\"resources\":[]},\"signatures\":[{\"name\":"
    "\"old\",\"digest\":{\"hashAlgorithm\":\"a\",\"normalisationAlgorithm\":"
    "\"b\",\"value\":\"c\"},\"signature\":{\"algorithm\":\"d\",\"value\":\"e\","
    "\"mediaType\":\"f\"}}]}";

ComponentDescriptor Descriptor() { return *ComponentDescriptor::Parse(kText); }

const DigestSpec kDigest = {"SHA-256", "jsonNormalisation/v3", "aa"};

TEST(DigestOfDescriptor, DefaultsToTheRecipeOfBothTools) {
  ASSERT_OK_AND_ASSIGN(const DescriptorDigest digest,
                       DigestOfDescriptor(Descriptor()));
  EXPECT_EQ(digest.spec.hash_algorithm, "SHA-256");
  EXPECT_EQ(digest.spec.normalisation_algorithm, "jsonNormalisation/v3");
  EXPECT_EQ(digest.spec.value,
            "4e376182b3d535143e8e009b1e467df3a5b0c1f912c71ae432200654c355606f");
  EXPECT_EQ(digest.octets,
            HashOctets(HashAlgorithm::kSha256, digest.normalised));
}

TEST(DigestOfDescriptor, NamesOtherAlgorithms) {
  ASSERT_OK_AND_ASSIGN(
      const DescriptorDigest digest,
      DigestOfDescriptor(Descriptor(), NormalisationAlgorithm::kJsonV4Alpha1,
                         HashAlgorithm::kSha512));
  EXPECT_EQ(digest.spec.hash_algorithm, "SHA-512");
  EXPECT_EQ(digest.spec.normalisation_algorithm, "jsonNormalisation/v4alpha1");
  EXPECT_EQ(digest.octets.size(), 64u);
}

TEST(CheckSignatureName, RefusesAnExistingNameUnlessForced) {
  EXPECT_OK(CheckSignatureName(Descriptor(), "new", false));
  EXPECT_THAT(
      CheckSignatureName(Descriptor(), "old", false),
      testing::AllOf(HasReason("SIGNATURE_EXISTS"),
                     base::HasCode(absl::StatusCode::kFailedPrecondition)));
  EXPECT_OK(CheckSignatureName(Descriptor(), "old", true));
}

TEST(CheckSignatureName, RefusesNamesThatCannotBeShown) {
  for (const char* name : {"", "a\nb", "\x1B[31m", "\xC3", "\xE2\x80\xAE"}) {
    for (const bool force : {false, true}) {
      EXPECT_THAT(CheckSignatureName(Descriptor(), name, force),
                  HasReason("SIGNATURE_NAME_INVALID"));
    }
  }
}

TEST(MakePlainSignature, WritesLowerCaseHexAndTheMediaTypeOfTheScheme) {
  ASSERT_OK_AND_ASSIGN(
      const DescriptorSignature pkcs1,
      MakePlainSignature("n", kDigest, SignatureScheme::kRsaPkcs1, "\xAB\xCD"));
  EXPECT_EQ(pkcs1.value, "abcd");
  EXPECT_EQ(pkcs1.algorithm, "RSASSA-PKCS1-V1_5");
  EXPECT_EQ(pkcs1.media_type, "application/vnd.ocm.signature.rsa");
  EXPECT_EQ(pkcs1.issuer, "");
  EXPECT_EQ(pkcs1.digest, kDigest);
  ASSERT_OK_AND_ASSIGN(
      const DescriptorSignature pss,
      MakePlainSignature("n", kDigest, SignatureScheme::kRsaPss, "x"));
  EXPECT_EQ(pss.algorithm, "RSASSA-PSS");
  EXPECT_EQ(pss.media_type, "application/vnd.ocm.signature.rsa.pss");
}

TEST(MakePlainSignature, RefusesEcdsaAndEmptySignatures) {
  EXPECT_THAT(MakePlainSignature("n", kDigest, SignatureScheme::kEcdsa, "x"),
              HasReason("SIGNATURE_ALGORITHM_UNKNOWN"));
  EXPECT_THAT(MakePlainSignature("n", kDigest, SignatureScheme::kRsaPss, ""),
              HasReason("SIGNATURE_UNREADABLE"));
}

TEST(MakePemSignature, PutsTheSignatureFirstAndLeavesTheRootOut) {
  const TestChain& chain = SharedChain();
  ASSERT_OK_AND_ASSIGN(
      const DescriptorSignature entry,
      MakePemSignature("n", kDigest,
                       {SignatureScheme::kRsaPss,
                        "octets",
                        {chain.leaf, chain.intermediate, chain.root}}));
  EXPECT_EQ(entry.algorithm, "RSASSA-PSS");
  EXPECT_EQ(entry.media_type, "application/x-pem-file");
  EXPECT_EQ(entry.value,
            "-----BEGIN SIGNATURE-----\n"
            "Signature Algorithm: RSASSA-PSS\n\nb2N0ZXRz\n"
            "-----END SIGNATURE-----\n" +
                CertificatePem({chain.leaf, chain.intermediate}));
}

TEST(MakePemSignature, RefusesEcdsaAndMissingCertificates) {
  EXPECT_THAT(
      MakePemSignature("n", kDigest,
                       {SignatureScheme::kEcdsa, "x", {SharedChain().leaf}}),
      HasReason("SIGNATURE_ALGORITHM_UNKNOWN"));
  EXPECT_THAT(
      MakePemSignature("n", kDigest, {SignatureScheme::kRsaPss, "x", {}}),
      HasReason("SIGNATURE_UNREADABLE"));
}

TEST(PemWarnings, WarnsOfOtherCommonNamesAndSelfSignedLeaves) {
  const TestChain& chain = SharedChain();
  const DetachedSignature good = {
      SignatureScheme::kRsaPss, "x", {chain.leaf, chain.intermediate}};
  EXPECT_THAT(PemWarnings("release", good), IsEmpty());
  EXPECT_THAT(PemWarnings("other", good),
              Contains(HasSubstr("common name \"release\" is not the "
                                 "signature's name \"other\"")));
  EXPECT_THAT(
      PemWarnings("Test Root", {SignatureScheme::kRsaPss, "x", {chain.root}}),
      Contains(HasSubstr("self-signed")));
}

TEST(CheckLeafNameTest, TakesTheCommonNameOrAPartOfTheSubject) {
  const std::string& leaf = SharedChain().leaf;  // CN=release
  for (const char* name : {"release", "CN=release", " CN=release "}) {
    EXPECT_OK(CheckLeafName(name, leaf)) << name;
  }
  for (const char* name : {"", "default", "releas", "CN=other",
                           "CN=release,O=ACME", "=", "O=release"}) {
    EXPECT_THAT(CheckLeafName(name, leaf),
                base::HasReason("SIGNATURE_NAME_MISMATCH"))
        << name;
  }
  EXPECT_THAT(CheckLeafName("default", leaf).message(),
              testing::AllOf(testing::HasSubstr("\"default\""),
                             testing::HasSubstr("\"release\"")));
}

}  // namespace
}  // namespace countersign::client
