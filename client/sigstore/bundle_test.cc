#include "client/sigstore/bundle.h"

#include <string>

#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "base/encoding.h"
#include "base/file.h"
#include "base/json.h"
#include "base/openssl.h"
#include "base/status_matchers.h"
#include "client/artifact/certificate_chain.h"
#include "client/artifact/hash_algorithm.h"
#include "client/artifact/public_key.h"
#include "client/sigstore/dsse.h"
#include "client/sigstore/signature_check.h"
#include "client/sigstore/statement.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using base::IsOkAndHolds;
using testing::HasSubstr;

std::string Data(const std::string& name) {
  const auto octets =
      base::ReadFile("client/sigstore/testdata/" + name, 1 << 20);
  EXPECT_OK(octets.status());
  return octets.value_or("");
}

SigstoreTrust ByKey(const std::string& name) {
  SigstoreTrust trust;
  trust.spki_der = ReadPublicKey(Data("keys/" + name)).value();
  return trust;
}

SigstoreTrust ByRoot() {
  SigstoreTrust trust;
  trust.roots = {ReadCertificates(Data("keys/chain.pem")).value()};
  trust.identity = "https://signer.example.test/keys/release";
  trust.now = absl::FromUnixSeconds(1'800'000'000);  // 2027
  return trust;
}

// What the signature of `bundle` is over, where `file` was signed.
std::string Signed(const SigstoreBundle& bundle, const std::string& file) {
  const auto* envelope = std::get_if<DsseEnvelope>(&bundle.content);
  return envelope == nullptr ? file
                             : PreAuthenticationEncoding(envelope->payload_type,
                                                         envelope->payload);
}

struct RealCase {
  const char* file;
  const char* key;  // nullptr: the root certificate
};

class RealBundleTest : public testing::TestWithParam<RealCase> {};

TEST_P(RealBundleTest, VerifiesAndNotWhenTouched) {
  const SigstoreTrust trust =
      GetParam().key == nullptr ? ByRoot() : ByKey(GetParam().key);
  const auto bundle = ParseBundle(Data(GetParam().file));
  ASSERT_OK(bundle.status());
  const std::string octets = Signed(*bundle, Data("blob/artifact.txt"));
  EXPECT_OK(CheckSigstoreSignature(octets, bundle->signature(),
                                   bundle->certificates(), trust));
  EXPECT_THAT(CheckSigstoreSignature(octets + " ", bundle->signature(),
                                     bundle->certificates(), trust),
              HasReason("SIGNATURE_INVALID"));
  std::string signature = bundle->signature();
  signature.back() ^= 1;
  EXPECT_THAT(
      CheckSigstoreSignature(octets, signature, bundle->certificates(), trust),
      HasReason("SIGNATURE_INVALID"));
}

// Written again it has the same members, but those that are not ours.
TEST_P(RealBundleTest, IsWrittenAsItWasRead) {
  const auto bundle = ParseBundle(Data(GetParam().file));
  ASSERT_OK(bundle.status());
  if (bundle->media_type.empty()) return;  // cosign 2's own form
  auto want = base::ParseJson(Data(GetParam().file));
  want->Find("verificationMaterial")->Erase("timestampVerificationData");
  EXPECT_EQ(FormatBundle(*bundle), base::CompactJson(*want));
}

INSTANTIATE_TEST_SUITE_P(
    Cosign, RealBundleTest,
    testing::Values(RealCase{"bundle/bundle.json", "ec.pub"},
                    RealCase{"bundle/bundle1.json", "rsa.pub"},
                    RealCase{"bundle/certificate.json", nullptr},
                    RealCase{"blob/attestation-ec.sigstore.json", "ec.pub"},
                    RealCase{"blob/message-cert-tsa.sigstore.json", nullptr},
                    RealCase{"blob/message-ec.sigstore.json", "ec.pub"},
                    RealCase{"blob/message-rsa.sigstore.json", "rsa.pub"},
                    RealCase{"blob/v2-message-ec.sigstore.json", "ec.pub"},
                    RealCase{"blob/v2-old-bundle-ec.json", "ec.pub"}));

TEST(FormatBundle, HasTheMembersOfAnImageSignature) {
  SigstoreBundle bundle;
  const std::string spki = ByKey("ec.pub").spki_der;
  bundle.material = BundleKey{KeyHint(spki)};
  bundle.content = DsseEnvelope{"{}", kInTotoPayloadType, "sig"};
  EXPECT_EQ(FormatBundle(bundle),
            "{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\","
            "\"verificationMaterial\":{\"publicKey\":{\"hint\":"
            "\"sFvFAIEC8qm6fQ5HlyMV+P7z8+or4DIvZdlNOGYWlp0=\"}},"
            "\"dsseEnvelope\":{\"payload\":\"e30=\",\"payloadType\":"
            "\"application/vnd.in-toto+json\",\"signatures\":[{\"sig\":"
            "\"c2ln\"}]}}");
}

TEST(FormatBundle, HasTheDigestOfAMessage) {
  SigstoreBundle bundle;
  bundle.content = MessageSignature{HashAlgorithm::kSha256, "digest", "sig"};
  EXPECT_THAT(FormatBundle(bundle),
              HasSubstr("\"messageSignature\":{\"messageDigest\":{"
                        "\"algorithm\":\"SHA2_256\",\"digest\":\"ZGlnZXN0\"},"
                        "\"signature\":\"c2ln\"}}"));
}

TEST(ParseBundle, KnowsWhatTheEnvelopeSays) {
  const auto bundle = ParseBundle(Data("bundle/bundle.json"));
  ASSERT_OK(bundle.status());
  const auto& envelope = std::get<DsseEnvelope>(bundle->content);
  EXPECT_EQ(envelope.payload_type, kInTotoPayloadType);
  const auto statement = ParseStatement(envelope.payload);
  ASSERT_OK(statement.status());
  EXPECT_EQ(statement->predicate_type, kCosignSignPredicate);
  EXPECT_EQ(statement->subjects[0].annotations.at("env"), "prod");
  EXPECT_FALSE(bundle->has_timestamp);
  EXPECT_TRUE(ParseBundle(Data("bundle/certificate.json"))->has_timestamp);
}

const char kGood[] =
    "{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\","
    "\"verificationMaterial\":{\"publicKey\":{}},\"messageSignature\":{"
    "\"messageDigest\":{\"algorithm\":\"SHA2_256\",\"digest\":"
    "\"joiLO8iYkkZbqsl9I5B6bYX6vtfWA96d6YwwB/E4uZs=\"},\"signature\":"
    "\"c2ln\"}}";

TEST(ParseBundle, IsAsLenientAsTheJsonMapping) {
  EXPECT_OK(ParseBundle(kGood).status());
  for (const auto& [from, to] :
       {std::pair("\"SHA2_256\"", "1"),
        {"B/E4uZs=", "B_E4uZs"},
        {"v0.3+json", "v0.3"},
        {"bundle.v0.3+json", "bundle+json;version=0.1"},
        {"\"publicKey\":{}", "\"publicKey\":{},\"tlogEntries\":[]"}}) {
    EXPECT_OK(ParseBundle(absl::StrReplaceAll(kGood, {{from, to}})).status())
        << to;
  }
}

TEST(ParseBundle, RefusesWhatVerifiersRefuse) {
  for (const auto& [from, to] :
       {std::pair("\"publicKey\":{}", "\"tlogEntries\":[]"),
        {"\"publicKey\":{}", "\"publicKey\":{},\"certificate\":{}"},
        {"\"publicKey\":{}", "\"x509CertificateChain\":{\"certificates\":[]}"},
        {"\"publicKey\":{}", "\"certificate\":{\"rawBytes\":\"AAAA\"}"},
        {"\"publicKey\":{}", "\"publicKey\":{},\"more\":1"},
        {"\"mediaType\"", "\"mediatype\""},
        {"sigstore.bundle", "other"},
        {"\"SHA2_256\"", "\"SHA3_256\""},
        {"\"SHA2_256\"", "2"},
        {"joiLO8", "joiL"},
        {"\"c2ln\"", "\"c2*n\""},
        {"\"c2ln\"", "\"\""},
        {"\"messageSignature\"", "\"dsseEnvelope\""},
        {"\"messageSignature\":{",
         "\"dsseEnvelope\":{},\"messageSignature\":{"},
        {"{\"mediaType\"",
         "{\"dsseEnvelope\":{\"payload\":\"e30=\","
         "\"signatures\":[]},\"mediaType\""}}) {
    EXPECT_THAT(ParseBundle(absl::StrReplaceAll(kGood, {{from, to}})),
                HasReason("BUNDLE_UNREADABLE"))
        << to;
  }
  for (const char* text : {"", "[]", "{}", "null", "{\"base64Signature\":1}"}) {
    EXPECT_THAT(ParseBundle(text), HasReason("BUNDLE_UNREADABLE")) << text;
  }
}

TEST(ParseBundle, WantsExactlyOneSignatureInAnEnvelope) {
  const std::string one = Data("bundle/bundle.json");
  EXPECT_THAT(ParseBundle(absl::StrReplaceAll(one, {{"\"signatures\":[",
                                                     "\"signatures\":[{\"sig\":"
                                                     "\"AAAA\"},"}})),
              HasReason("BUNDLE_UNREADABLE"));
}

}  // namespace
}  // namespace countersign::client
