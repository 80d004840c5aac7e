#include "client/sigstore/image_verdict.h"

#include <string>

#include "base/encoding.h"
#include "base/file.h"
#include "base/openssl.h"
#include "base/status_matchers.h"
#include "client/artifact/public_key.h"
#include "client/artifact/test_certificates.h"
#include "client/sigstore/dsse.h"
#include "client/sigstore/statement.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;

std::string Data(const std::string& name) {
  const auto octets =
      base::ReadFile("client/sigstore/testdata/" + name, 1 << 20);
  EXPECT_OK(octets.status());
  return octets.value_or("");
}

const char kLegacyImage[] =
    "sha256:"
    "11562b46f312ef9066082ab34866058f2503fc60601f9e8cea267760b7172421";
const char kBundleImage[] =
    "sha256:"
    "d559daa21ccc132ac5f8258b19105ba4cbd49a720b976ec9d78d03e026c865c5";

SigstoreTrust ByKey(const std::string& name) {
  SigstoreTrust trust;
  trust.spki_der = ReadPublicKey(Data("keys/" + name)).value();
  return trust;
}

std::vector<SignatureLayer> Layers() {
  return SignatureManifest::Parse(Data("legacy/sig-manifest.json"),
                                  Data("legacy/sig-config.json"))
      ->layers();
}

TEST(JudgeSimpleSignature, TakesTheSignaturesOfCosign) {
  const auto first =
      JudgeSimpleSignature(Layers()[0], Data("legacy/payload.json"),
                           {kLegacyImage, {{"env", "prod"}}}, ByKey("ec.pub"));
  EXPECT_OK(first.status);
  EXPECT_EQ(first.annotations, (ImageAnnotations{{"env", "prod"}}));
  EXPECT_OK(JudgeSimpleSignature(Layers()[1], Data("legacy/payload1.json"),
                                 {kLegacyImage, {}}, ByKey("rsa.pub"))
                .status);
}

TEST(JudgeSimpleSignature, SaysWhyNot) {
  const std::string payload = Data("legacy/payload.json");
  const SigstoreTrust trust = ByKey("ec.pub");
  EXPECT_THAT(
      JudgeSimpleSignature(Layers()[0], payload, {kBundleImage, {}}, trust)
          .status,
      HasReason("WRONG_SUBJECT"));
  for (const ImageAnnotations& wrong :
       {ImageAnnotations{{"env", "test"}}, {{"build", "1"}}}) {
    EXPECT_THAT(
        JudgeSimpleSignature(Layers()[0], payload, {kLegacyImage, wrong}, trust)
            .status,
        HasReason("ANNOTATION_MISSING"));
  }
  EXPECT_THAT(JudgeSimpleSignature(Layers()[0], payload + "\n",
                                   {kLegacyImage, {}}, trust)
                  .status,
              HasReason("SIGNATURE_INVALID"));
  EXPECT_THAT(
      JudgeSimpleSignature(Layers()[1], payload, {kLegacyImage, {}}, trust)
          .status,
      HasReason("SIGNATURE_INVALID"));
  SignatureLayer broken = Layers()[0];
  broken.signature = "*";
  EXPECT_THAT(
      JudgeSimpleSignature(broken, payload, {kLegacyImage, {}}, trust).status,
      HasReason("SIGNATURE_UNREADABLE"));
  broken = Layers()[0];
  broken.certificate_pem = "x";
  EXPECT_FALSE(JudgeSimpleSignature(broken, payload, {kLegacyImage, {}}, trust)
                   .status.ok());
}

TEST(JudgeSimpleSignature, TakesANewlineThatCosignAttached) {
  SignatureLayer layer = Layers()[0];
  layer.signature += "\n";
  EXPECT_OK(JudgeSimpleSignature(layer, Data("legacy/payload.json"),
                                 {kLegacyImage, {}}, ByKey("ec.pub"))
                .status);
}

TEST(JudgeSimpleSignature, FollowsTheCertificateOfTheLayer) {
  const TestChain& chain = SharedChain();
  const std::string payload =
      FormatSimpleSigning({"r/app", kLegacyImage, {}}).value();
  SignatureLayer layer;
  layer.signature = base::Base64Encode(
      SignDigest(chain.leaf_key.get(), base::SignatureScheme::kRsaPkcs1,
                 HashAlgorithm::kSha256, base::Sha256(payload)));
  layer.certificate_pem = CertificatePem({chain.leaf});
  layer.chain_pem = CertificatePem({chain.intermediate, chain.root});
  SigstoreTrust trust;
  trust.roots = {chain.root};
  trust.now = TestNow();
  const auto verdict =
      JudgeSimpleSignature(layer, payload, {kLegacyImage, {}}, trust);
  EXPECT_OK(verdict.status);
  EXPECT_THAT(verdict.signer, testing::HasSubstr("CN=release"));
  layer.chain_pem.clear();
  EXPECT_THAT(
      JudgeSimpleSignature(layer, payload, {kLegacyImage, {}}, trust).status,
      HasReason("CERTIFICATE_UNTRUSTED"));
}

SigstoreBundle Bundle(const std::string& name) {
  auto bundle = ParseBundle(Data(name));
  EXPECT_OK(bundle.status());
  return *std::move(bundle);
}

TEST(JudgeImageBundle, TakesTheSignatureOfCosign) {
  const auto verdict =
      JudgeImageBundle(Bundle("bundle/bundle.json"),
                       {kBundleImage, {{"env", "prod"}}}, ByKey("ec.pub"));
  EXPECT_OK(verdict.status);
  EXPECT_EQ(verdict.predicate_type, kCosignSignPredicate);
}

TEST(JudgeImageBundle, SaysWhyNot) {
  const SigstoreBundle good = Bundle("bundle/bundle.json");
  const SigstoreTrust trust = ByKey("ec.pub");
  EXPECT_THAT(JudgeImageBundle(good, {kLegacyImage, {}}, trust).status,
              HasReason("WRONG_SUBJECT"));
  EXPECT_THAT(
      JudgeImageBundle(good, {kBundleImage, {{"env", "x"}}}, trust).status,
      HasReason("ANNOTATION_MISSING"));
  EXPECT_THAT(
      JudgeImageBundle(good, {kBundleImage, {}}, ByKey("rsa.pub")).status,
      HasReason("SIGNATURE_INVALID"));
  EXPECT_THAT(JudgeImageBundle(Bundle("blob/message-ec.sigstore.json"),
                               {kBundleImage, {}}, trust)
                  .status,
              HasReason("NOT_AN_IMAGE_SIGNATURE"));
}

// cosign takes an attestation for a signature; a key that attests would then be
// a release key.
TEST(JudgeImageBundle, TakesNoAttestationForASignature) {
  const SigstoreBundle attestation = Bundle("bundle/bundle1.json");
  EXPECT_THAT(
      JudgeImageBundle(attestation, {kBundleImage, {}}, ByKey("rsa.pub"))
          .status,
      HasReason("NOT_AN_IMAGE_SIGNATURE"));
  EXPECT_OK(JudgeAttestation(attestation, kBundleImage,
                             "https://example.test/p", ByKey("rsa.pub"))
                .status);
}

TEST(JudgeAttestation, WantsTypeSubjectAndKey) {
  const SigstoreBundle attestation =
      Bundle("blob/attestation-ec.sigstore.json");
  const std::string file =
      "sha256:" + base::HexEncode(base::Sha256(Data("blob/artifact.txt")));
  const SigstoreTrust trust = ByKey("ec.pub");
  EXPECT_OK(JudgeAttestation(attestation, file, "", trust).status);
  EXPECT_OK(JudgeAttestation(attestation, file, "https://example.test/p", trust)
                .status);
  EXPECT_THAT(
      JudgeAttestation(attestation, file, "https://other", trust).status,
      HasReason("NOT_THIS_TYPE"));
  EXPECT_THAT(JudgeAttestation(attestation, kBundleImage, "", trust).status,
              HasReason("WRONG_SUBJECT"));
  EXPECT_THAT(JudgeAttestation(attestation, file, "", ByKey("rsa.pub")).status,
              HasReason("SIGNATURE_INVALID"));
  EXPECT_THAT(
      JudgeAttestation(Bundle("bundle/bundle.json"), kBundleImage, "", trust)
          .status,
      HasReason("NOT_THIS_TYPE"));
}

// The type of an envelope is signed: one of another kind is no statement.
TEST(JudgeAttestation, WantsAnEnvelopeOfInToto) {
  const base::EvpPkeyPtr key = MakeEcKey();
  SigstoreBundle bundle;
  DsseEnvelope envelope{"{}", "text/plain", ""};
  envelope.signature = SignDigest(
      key.get(), base::SignatureScheme::kEcdsa, HashAlgorithm::kSha256,
      base::Sha256(PreAuthenticationEncoding("text/plain", "{}")));
  bundle.content = envelope;
  SigstoreTrust trust;
  trust.spki_der = base::SpkiDer(key.get()).value();
  EXPECT_THAT(JudgeAttestation(bundle, kBundleImage, "", trust).status,
              HasReason("NOT_AN_IMAGE_SIGNATURE"));
}

}  // namespace
}  // namespace countersign::client
