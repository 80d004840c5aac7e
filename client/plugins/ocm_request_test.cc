#include "client/plugins/ocm_request.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;

const std::string kHex(64, 'a');
const std::string kSign = absl::StrCat(
    R"({"digest":{"hashAlgorithm":"SHA-256","normalisationAlgorithm":)",
    R"("jsonNormalisation/v4alpha1","value":")", kHex,
    R"("},"config":{"type":"CountersignSigning/v1alpha1","operation":"p/o"},)",
    R"("name":"release"})");
const std::string kVerify = absl::StrCat(
    R"({"signature":{"name":"release","digest":{"hashAlgorithm":"SHA-256",)",
    R"("normalisationAlgorithm":"jsonNormalisation/v3","value":")", kHex,
    R"("},"signature":{"algorithm":"RSASSA-PSS","value":"v","mediaType":"m"}},)",
    R"("config":{"type":"CountersignSigning/v1alpha1"}})");

std::string With(const std::string& text, const std::string& from,
                 const std::string& to) {
  return absl::StrReplaceAll(text, {{from, to}});
}

std::string WithSpec(const std::string& members) {
  return With(kSign, R"("operation":"p/o")", members);
}

TEST(OcmRequestTest, ReadsASignCall) {
  ASSERT_OK_AND_ASSIGN(const OcmSignCall call, ParseOcmSignCall(kSign));
  EXPECT_EQ(call.name, "release");
  EXPECT_EQ(call.hash, HashAlgorithm::kSha256);
  EXPECT_EQ(call.digest, std::string(32, '\xaa'));
  EXPECT_EQ(call.normalisation, "jsonNormalisation/v4alpha1");
  EXPECT_EQ(call.spec.operation, "p/o");
  EXPECT_TRUE(call.spec.pem);
  EXPECT_EQ(call.spec.scheme, base::SignatureScheme::kRsaPkcs1);
}

TEST(OcmRequestTest, KnowsTheSignCallAfterItsIdentityCall) {
  ASSERT_OK_AND_ASSIGN(const OcmSignCall first, ParseOcmSignCall(kSign));
  ASSERT_OK_AND_ASSIGN(
      const OcmSignCall second,
      ParseOcmSignCall(With(kSign, R"(,"name":"release")", "")));
  ASSERT_OK_AND_ASSIGN(const OcmSignCall other,
                       ParseOcmSignCall(With(kSign, "aa", "bb")));
  EXPECT_EQ(first.key, second.key);
  EXPECT_NE(first.key, other.key);
}

TEST(OcmRequestTest, ReadsTheWholeSpecification) {
  ASSERT_OK_AND_ASSIGN(
      const OcmSignCall call,
      ParseOcmSignCall(WithSpec(
          R"("operation":"p/o","signatureAlgorithm":"RSASSA-PSS",)"
          R"("signatureEncodingPolicy":"Plain","description":"d",)"
          R"("context":{"a":"b"},"clientContext":"ci",)"
          R"("publicKeyPEM":"key","rootCertificatesPEMFile":"file")")));
  EXPECT_EQ(call.spec.scheme, base::SignatureScheme::kRsaPss);
  EXPECT_FALSE(call.spec.pem);
  EXPECT_EQ(call.spec.description, "d");
  EXPECT_EQ(call.spec.context.at("a"), "b");
  EXPECT_EQ(call.spec.client_context, "ci");
  EXPECT_EQ(call.spec.trust_pem, "key");
  EXPECT_EQ(call.spec.trust_file, "file");
}

TEST(OcmRequestTest, ReadsAVerifyCall) {
  ASSERT_OK_AND_ASSIGN(const OcmVerifyCall call, ParseOcmVerifyCall(kVerify));
  EXPECT_EQ(call.name, "release");
  EXPECT_EQ(call.algorithm, "RSASSA-PSS");
  EXPECT_EQ(call.media_type, "m");
  EXPECT_EQ(call.value, "v");
}

struct Row {
  const char* name;
  std::string text;
  const char* reason;
  const char* part;
};

class HostileTest : public testing::TestWithParam<Row> {};

TEST_P(HostileTest, NamesWhatIsWrong) {
  const bool verify = absl::StrContains(GetParam().name, "Verify");
  const absl::Status got = verify ? ParseOcmVerifyCall(GetParam().text).status()
                                  : ParseOcmSignCall(GetParam().text).status();
  EXPECT_THAT(got, HasReason(GetParam().reason));
  EXPECT_THAT(std::string(got.message()), testing::HasSubstr(GetParam().part));
}

std::vector<Row> Rows() {
  return {
      {"Empty", "", "OCM_PROTOCOL", "line 1"},
      {"Array", "[]", "OCM_PROTOCOL", "no object"},
      {"NoDigest", "{}", "OCM_PROTOCOL", "digest is missing"},
      {"DigestIsText", R"({"digest":"x"})", "OCM_PROTOCOL",
       "digest is no object"},
      {"HashUnknown", With(kSign, "SHA-256", "MD5"), "HASH_UNKNOWN", "MD5"},
      {"HashIsANumber", With(kSign, "\"SHA-256\"", "7"), "HASH_UNKNOWN", ""},
      {"NoHex", With(kSign, "aa", "zz"), "OCM_PROTOCOL", "hexadecimal"},
      {"OtherLength", With(kSign, "SHA-256", "SHA-512"), "OCM_PROTOCOL",
       "SHA-512"},
      {"NameIsANumber", With(kSign, "\"release\"", "1"), "OCM_PROTOCOL",
       "name is no text"},
      {"NoConfig", With(kSign, "\"config\"", "\"conf\""), "OCM_PROTOCOL",
       "config is missing"},
      {"OtherType", With(kSign, "CountersignSigning", "Other"), "OCM_SPEC",
       "type is not CountersignSigning/v1alpha1"},
      {"UnknownMember", WithSpec(R"("opperation":"p/o")"), "OCM_SPEC",
       "opperation is not known"},
      {"OtherPolicy", WithSpec(R"("signatureEncodingPolicy":"pem")"),
       "OCM_SPEC", "neither PEM nor Plain"},
      {"OtherAlgorithm", WithSpec(R"("signatureAlgorithm":"ECDSA")"),
       "OCM_SPEC", "signatureAlgorithm"},
      {"ContextIsText", WithSpec(R"("context":"x")"), "OCM_SPEC",
       "context is no object"},
      {"ContextOfNumbers", WithSpec(R"("context":{"a":1})"), "OCM_SPEC",
       "context.a is no text"},
      {"VerifyEmpty", "{}", "OCM_PROTOCOL", "signature is missing"},
      {"VerifyWithoutValue", R"({"signature":{"digest":{}}})", "OCM_PROTOCOL",
       "signature.signature is missing"},
      {"VerifyNoHex", With(kVerify, "aa", "zz"), "OCM_PROTOCOL", "hexadecimal"},
      {"VerifyOtherType", With(kVerify, "CountersignSigning", "RSA"),
       "OCM_SPEC", "type"},
      {"VerifyDeep",
       absl::StrCat(std::string(1000, '['), std::string(1000, ']')),
       "OCM_PROTOCOL", "deep"},
  };
}

INSTANTIATE_TEST_SUITE_P(Bodies, HostileTest, testing::ValuesIn(Rows()),
                         [](const auto& info) {
                           return std::string(info.param.name);
                         });

TEST(OcmRequestTest, ReadsTrustOutOfCredentials) {
  const auto trust = [](const std::string& properties) {
    const auto got = ParseOcmCredentials(absl::StrCat(
        R"({"type":"Credentials/v1","properties":{)", properties, "}}"));
    return got.ok() ? absl::StrCat(got->pem, "|", got->file)
                    : base::GetReason(got.status());
  };
  EXPECT_EQ(trust(R"("publicKeyPEM":"k")"), "k|");
  EXPECT_EQ(trust(R"("public_key_pem_file":"f")"), "|f");
  EXPECT_EQ(trust(R"("rootCertificatesPEM":"r","publicKeyPEM":"k")"), "r|");
  EXPECT_EQ(trust(R"("token":"secret")"), "|");
  EXPECT_EQ(trust(R"("publicKeyPEM":7)"), "OCM_PROTOCOL");
  EXPECT_OK(ParseOcmCredentials(""));
  EXPECT_OK(ParseOcmCredentials("{}"));
  EXPECT_THAT(ParseOcmCredentials("Bearer abc"), HasReason("OCM_PROTOCOL"));
}

}  // namespace
}  // namespace countersign::client
