#include "client/artifact/verify_descriptor.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/encoding.h"
#include "base/status_matchers.h"
#include "client/artifact/descriptor_signature.h"
#include "client/artifact/descriptor_writer.h"
#include "client/artifact/test_certificates.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using base::SignatureScheme;
using base::StatusIs;
using testing::AllOf;
using testing::HasSubstr;

constexpr char kText[] = R"(meta: {schemaVersion: v2}
component:
  name: acme.org/test/app
  version: 1.2.3
  provider: acme.org
  repositoryContexts: []
  sources: []
  componentReferences: []
  resources:
  - name: blob
    version: 1.2.3
    type: plainText
    relation: local
    access: {type: localBlob}
    digest: {hashAlgorithm: SHA-256, normalisationAlgorithm: genericBlobDigest/v1, value: aa}
)";

enum class Form { kPlain, kPem };

struct How {
  std::string name = "release";
  SignatureScheme scheme = SignatureScheme::kRsaPkcs1;
  Form form = Form::kPlain;
  NormalisationAlgorithm normalisation = NormalisationAlgorithm::kJsonV3;
  HashAlgorithm hash = HashAlgorithm::kSha256;
  int salt = RSA_PSS_SALTLEN_DIGEST;
};

std::string Sign(const std::string& text, const How& how) {
  const TestChain& chain = SharedChain();
  const absl::StatusOr<ComponentDescriptor> descriptor =
      ComponentDescriptor::Parse(text);
  EXPECT_OK(descriptor);
  const absl::StatusOr<DescriptorDigest> digest =
      DigestOfDescriptor(*descriptor, how.normalisation, how.hash);
  EXPECT_OK(digest);
  const std::string octets = SignDigest(chain.leaf_key.get(), how.scheme,
                                        how.hash, digest->octets, how.salt);
  const absl::StatusOr<DescriptorSignature> entry =
      how.form == Form::kPlain
          ? MakePlainSignature(how.name, digest->spec, how.scheme, octets)
          : MakePemSignature(
                how.name, digest->spec,
                {how.scheme, octets, {chain.leaf, chain.intermediate}});
  EXPECT_OK(entry);
  const absl::StatusOr<std::string> signed_text = AddSignature(text, *entry);
  EXPECT_OK(signed_text);
  return *signed_text;
}

VerifyOptions WithKey() {
  VerifyOptions options;
  options.public_key_pem = PublicKeyPem(SharedChain().leaf_key.get());
  options.now = TestNow();
  return options;
}

VerifyOptions WithRoot() {
  VerifyOptions options;
  options.roots_pem = CertificatePem({SharedChain().root});
  options.now = TestNow();
  return options;
}

absl::StatusOr<std::vector<VerifiedSignature>> Verify(
    const std::string& text, const VerifyOptions& options) {
  const absl::StatusOr<ComponentDescriptor> descriptor =
      ComponentDescriptor::Parse(text);
  if (!descriptor.ok()) return descriptor.status();
  return VerifyDescriptor(*descriptor, options);
}

TEST(VerifyDescriptor, VerifiesEachFormOfTheInteropTable) {
  for (const NormalisationAlgorithm normalisation :
       {NormalisationAlgorithm::kJsonV1, NormalisationAlgorithm::kJsonV2,
        NormalisationAlgorithm::kJsonV3,
        NormalisationAlgorithm::kJsonV4Alpha1}) {
    for (const HashAlgorithm hash :
         {HashAlgorithm::kSha256, HashAlgorithm::kSha512}) {
      for (const SignatureScheme scheme :
           {SignatureScheme::kRsaPkcs1, SignatureScheme::kRsaPss}) {
        for (const int salt : {RSA_PSS_SALTLEN_DIGEST, RSA_PSS_SALTLEN_MAX}) {
          How how{"release", scheme, Form::kPlain, normalisation, hash, salt};
          EXPECT_OK(Verify(Sign(kText, how), WithKey()));
          EXPECT_THAT(Verify(Sign(kText, how), WithRoot()),
                      HasReason("CERTIFICATE_UNTRUSTED"));
          how.form = Form::kPem;
          EXPECT_OK(Verify(Sign(kText, how), WithKey()));
          EXPECT_OK(Verify(Sign(kText, how), WithRoot()));
        }
      }
    }
  }
}

TEST(VerifyDescriptor, TellsWhatItVerified) {
  How how;
  how.form = Form::kPem;
  ASSERT_OK_AND_ASSIGN(const std::vector<VerifiedSignature> verified,
                       Verify(Sign(kText, how), WithRoot()));
  ASSERT_EQ(verified.size(), 1u);
  EXPECT_EQ(verified[0].name, "release");
  EXPECT_EQ(verified[0].algorithm, "RSASSA-PKCS1-V1_5");
  EXPECT_EQ(verified[0].digest.normalisation_algorithm, "jsonNormalisation/v3");
  EXPECT_EQ(verified[0].signer, "CN=release");
}

TEST(VerifyDescriptor, ACertificateServesAsPublicKey) {
  VerifyOptions options;
  options.public_key_pem = CertificatePem({SharedChain().leaf});
  options.now = TestNow();
  EXPECT_OK(Verify(Sign(kText, {}), options));
}

TEST(VerifyDescriptor, VerifiesAllOrTheNamedOne) {
  How one;
  one.name = "one";
  How two;
  two.name = "two";
  const std::string text = Sign(Sign(kText, one), two);
  ASSERT_OK_AND_ASSIGN(const auto all, Verify(text, WithKey()));
  EXPECT_EQ(all.size(), 2u);
  VerifyOptions options = WithKey();
  options.name = "two";
  ASSERT_OK_AND_ASSIGN(const auto named, Verify(text, options));
  ASSERT_EQ(named.size(), 1u);
  EXPECT_EQ(named[0].name, "two");
  options.name = "three";
  EXPECT_THAT(Verify(text, options), HasReason("SIGNATURE_NOT_FOUND"));
}

TEST(VerifyDescriptor, OneBadSignatureSpoilsAllButNotTheOtherByName) {
  How one;
  one.name = "one";
  How two;
  two.name = "two";
  two.normalisation = NormalisationAlgorithm::kJsonV1;
  std::string text = Sign(Sign(kText, one), two);
  const size_t value = text.rfind("value: ") + 7;
  text[value + 3] = text[value + 3] == '0' ? '1' : '0';
  EXPECT_THAT(Verify(text, WithKey()),
              AllOf(HasReason("SIGNATURE_INVALID"),
                    StatusIs(absl::StatusCode::kInvalidArgument,
                             testing::StartsWith("signature \"two\": "))));
  VerifyOptions options = WithKey();
  options.name = "one";
  EXPECT_OK(Verify(text, options));
}

TEST(VerifyDescriptor, FailsWhereThereIsNoSignature) {
  for (const char* list : {"", "signatures: []\n", "signatures: null\n"}) {
    EXPECT_THAT(Verify(absl::StrCat(kText, list), WithKey()),
                AllOf(HasReason("NO_SIGNATURES"),
                      base::HasCode(absl::StatusCode::kFailedPrecondition)));
  }
}

TEST(VerifyDescriptor, FailsWithoutAnythingToTrust) {
  EXPECT_THAT(Verify(Sign(kText, {}), VerifyOptions()),
              HasReason("TRUST_MISSING"));
  VerifyOptions options;
  options.public_key_pem = "no key";
  EXPECT_THAT(Verify(Sign(kText, {}), options),
              HasReason("PUBLIC_KEY_UNREADABLE"));
  options = {};
  options.roots_pem = "no certificate";
  EXPECT_THAT(Verify(Sign(kText, {}), options),
              HasReason("CERTIFICATES_UNREADABLE"));
}

struct Change {
  const char* from;
  const char* to;
  const char* reason;
};

TEST(VerifyDescriptor, NoticesEachChangeOfContent) {
  const Change kChanges[] = {
      {"version: 1.2.3\n  provider", "version: 1.2.4\n  provider",
       "DIGEST_MISMATCH"},
      {"provider: acme.org", "provider: evil.org", "DIGEST_MISMATCH"},
      {"value: aa", "value: ab", "DIGEST_MISMATCH"},
      {"relation: local", "relation: external", "DIGEST_MISMATCH"},
      {"type: plainText", "type: helmChart", "DIGEST_MISMATCH"},
      {"type: localBlob", "type: none", "DIGEST_MISMATCH"},
      {"  sources: []",
       "  sources: [{name: ss, version: v1, type: t, access: {type: u}}]",
       "DIGEST_MISMATCH"},
      {"  repositoryContexts: []",
       "  labels: [{name: ll, value: 1, signing: true}]\n"
       "  repositoryContexts: []",
       "DIGEST_MISMATCH"},
      {"SHA-256\n", "SHA-512\n", "DIGEST_MISMATCH"},
      {"jsonNormalisation/v3", "jsonNormalisation/v1", "DIGEST_MISMATCH"},
      {"jsonNormalisation/v3", "jsonNormalisation/v9", "NORMALISATION_UNKNOWN"},
      {"SHA-256\n", "SHA-1\n", "HASH_UNKNOWN"},
      {"RSASSA-PKCS1-V1_5", "RSASSA-PSS", "SIGNATURE_UNREADABLE"},
      {"RSASSA-PKCS1-V1_5", "ECDSA", "SIGNATURE_ALGORITHM_UNKNOWN"},
      {"RSASSA-PKCS1-V1_5", "GPG", "SIGNATURE_ALGORITHM_UNKNOWN"},
      {"vnd.ocm.signature.rsa", "vnd.ocm.signature.gpg",
       "SIGNATURE_UNREADABLE"},
  };
  const std::string text = Sign(kText, {});
  for (const Change& change : kChanges) {
    const std::string changed =
        absl::StrReplaceAll(text, {{change.from, change.to}});
    ASSERT_NE(changed, text) << change.from;
    EXPECT_THAT(Verify(changed, WithKey()), HasReason(change.reason))
        << change.from << " -> " << change.to;
  }
}

TEST(VerifyDescriptor, DoesNotMindWhatIsNotSigned) {
  const Change kChanges[] = {
      {"type: localBlob", "type: ociArtifact, imageReference: x", ""},
      {"  repositoryContexts: []",
       "  labels: [{name: ll, value: 1}]\n  repositoryContexts: [{type: x}]",
       ""},
      {"provider: acme.org", "provider: 'acme.org' # c", ""},
  };
  const std::string text = Sign(kText, {});
  for (const Change& change : kChanges) {
    EXPECT_OK(Verify(absl::StrReplaceAll(text, {{change.from, change.to}}),
                     WithKey()));
  }
}

TEST(VerifyDescriptor, RefusesAnotherKey) {
  const base::EvpPkeyPtr other = MakeRsaKey();
  VerifyOptions options = WithKey();
  options.public_key_pem = PublicKeyPem(other.get());
  EXPECT_THAT(Verify(Sign(kText, {}), options), HasReason("SIGNATURE_INVALID"));
  const base::EvpPkeyPtr ec = MakeEcKey();
  options.public_key_pem = PublicKeyPem(ec.get());
  EXPECT_THAT(Verify(Sign(kText, {}), options), HasReason("SIGNATURE_INVALID"));
}

TEST(VerifyDescriptor, WithKeyAndRootBothMustFit) {
  How how;
  how.form = Form::kPem;
  const std::string text = Sign(kText, how);
  VerifyOptions options = WithKey();
  options.roots_pem = WithRoot().roots_pem;
  EXPECT_OK(Verify(text, options));
  const base::EvpPkeyPtr other = MakeRsaKey();
  options.public_key_pem = PublicKeyPem(other.get());
  EXPECT_THAT(Verify(text, options), HasReason("SIGNATURE_INVALID"));
}

TEST(VerifyDescriptor, HeaderMustBeTheAlgorithm) {
  How how;
  how.form = Form::kPem;
  const std::string text = absl::StrReplaceAll(
      Sign(kText, how), {{"Signature Algorithm: RSASSA-PKCS1-V1_5",
                          "Signature Algorithm: RSASSA-PSS"}});
  EXPECT_THAT(Verify(text, WithKey()),
              AllOf(HasReason("SIGNATURE_UNREADABLE"),
                    StatusIs(absl::StatusCode::kInvalidArgument,
                             HasSubstr("the PEM header names RSASSA-PSS"))));
}

TEST(VerifyDescriptor, ExpiryCountsForRootsNotForKeys) {
  How how;
  how.form = Form::kPem;
  const std::string text = Sign(kText, how);
  VerifyOptions options = WithRoot();
  options.now = TestNow() + absl::Hours(48);
  EXPECT_THAT(Verify(text, options), HasReason("CERTIFICATE_UNTRUSTED"));
  options = WithKey();
  options.now = TestNow() + absl::Hours(48);
  EXPECT_OK(Verify(text, options));
}

TEST(VerifyDescriptor, RefusesADoubledName) {
  std::string text = Sign(kText, {});
  text += text.substr(text.find("- name: release"));
  EXPECT_THAT(Verify(text, WithKey()), HasReason("SIGNATURE_AMBIGUOUS"));
}

TEST(VerifyDescriptor, RefusesAValueThatIsNoHex) {
  std::string text = Sign(kText, {});
  text.replace(text.rfind("value: ") + 7, 2, "zz");
  EXPECT_THAT(Verify(text, WithKey()), HasReason("SIGNATURE_UNREADABLE"));
}

}  // namespace
}  // namespace countersign::client
