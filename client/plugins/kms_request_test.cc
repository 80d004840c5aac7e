#include "client/plugins/kms_request.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/encoding.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;

std::string SignMessage(const std::string& message_options,
                        const std::string& init = "") {
  return absl::StrCat(
      R"({"initOptions":{"protocolVersion":"v1","keyResourceID":"p/o",)",
      R"("hashFunc":5)", init, R"(},"methodName":"signMessage",)",
      R"("signMessage":{"signOptions":{"rpcOptions":{},"messageOptions":{)",
      message_options, "}}}}");
}

std::string Digest(size_t octets) {
  return absl::StrCat(R"("digest":")",
                      base::Base64Encode(std::string(octets, 'd')), "\"");
}

TEST(KmsRequestTest, ReadsADigestAndTheEarliestDeadline) {
  std::string text = SignMessage(
      Digest(32), R"(,"ctxDeadline":"2026-11-21T00:10:24.425515072Z")");
  text = absl::StrReplaceAll(
      text, {{R"("rpcOptions":{})",
              R"("rpcOptions":{"ctxDeadline":"2026-11-21T01:10:20+01:00"})"}});
  ASSERT_OK_AND_ASSIGN(const KmsRequest request, ParseKmsRequest("v1", text));
  EXPECT_EQ(request.method, KmsMethod::kSignMessage);
  EXPECT_EQ(request.key_reference, "p/o");
  EXPECT_EQ(request.digest, std::string(32, 'd'));
  EXPECT_EQ(request.deadline,
            absl::FromCivil(absl::CivilSecond(2026, 11, 21, 0, 10, 20),
                            absl::UTCTimeZone()));
}

TEST(KmsRequestTest, TakesNoDigestAndAnEmptyOneForAMessageToHash) {
  for (const char* options : {R"("digest":null)", R"("digest":"")", ""}) {
    ASSERT_OK_AND_ASSIGN(const KmsRequest request,
                         ParseKmsRequest("v1", SignMessage(options)));
    EXPECT_FALSE(request.digest.has_value());
    EXPECT_EQ(request.deadline, absl::InfiniteFuture());
  }
}

TEST(KmsRequestTest, PassesOverMembersOfNewerCallers) {
  EXPECT_OK(ParseKmsRequest(
      "v1", SignMessage(R"("digest":null,"new":{"a":[1]})", R"(,"x":true)")));
}

struct Refusal {
  const char* name;
  std::string text;
  const char* part;
};

class RefusalTest : public testing::TestWithParam<Refusal> {};

TEST_P(RefusalTest, NamesWhatIsWrong) {
  const auto got = ParseKmsRequest("v1", GetParam().text);
  EXPECT_THAT(got, HasReason("KMS_PROTOCOL"));
  EXPECT_THAT(std::string(got.status().message()),
              testing::HasSubstr(GetParam().part));
}

std::vector<Refusal> Refusals() {
  const std::string good = SignMessage(Digest(32));
  const auto with = [&good](const char* from, const std::string& to) {
    return absl::StrReplaceAll(good, {{from, to}});
  };
  return {
      {"Empty", "", "line 1"},
      {"Cut", good.substr(0, good.size() / 2), "line 1"},
      {"TwoValues", good + good, "line 1"},
      {"Array", "[]", "methodName"},
      {"Number", "7", "methodName"},
      {"NoMethod", R"({"initOptions":{"protocolVersion":"v1"}})",
       "methodName \"\""},
      {"UnknownMethod", with("\"signMessage\",", "\"destroy\\u001b\","),
       "destroy\\x1b"},
      {"NoInit", R"({"methodName":"publicKey"})", "initOptions is missing"},
      {"OtherVersion", with("\"v1\"", "\"v2\""), "protocolVersion"},
      {"KeyIsANumber", with("\"p/o\"", "7"), "keyResourceID is no text"},
      {"HashIsText", with("\"hashFunc\":5", R"("hashFunc":"5")"),
       "initOptions.hashFunc is no whole number"},
      {"HashIsHalf", with("\"hashFunc\":5", "\"hashFunc\":5.5"),
       "initOptions.hashFunc is no whole number"},
      {"HashIsHuge", with("\"hashFunc\":5", "\"hashFunc\":1e300"),
       "initOptions.hashFunc is no whole number"},
      {"NoArguments", with("\"signMessage\":{", "\"signMassage\":{"),
       "signMessage is missing"},
      {"DigestNoBase64", SignMessage(R"("digest":"%%%")"),
       "messageOptions.digest is no base64"},
      {"DigestIsAnObject", SignMessage(R"("digest":{})"),
       "messageOptions.digest is no base64"},
      {"DoubledKey", SignMessage(R"("digest":null,"digest":null)"), "digest"},
      {"DeadlineNoTime", SignMessage("", R"(,"ctxDeadline":"tomorrow")"),
       "initOptions.ctxDeadline is no RFC 3339 time"},
      {"KeyVersion",
       with("\"rpcOptions\":{}", R"("rpcOptions":{"keyVersion":"2"})"),
       "PRODUCT/OPERATION/VERSION"},
      {"Deep",
       SignMessage(
           absl::StrCat("\"x\":", std::string(40, '['), std::string(40, ']'))),
       "deep"},
      {"NoSignature",
       R"({"initOptions":{"protocolVersion":"v1"},)"
       R"("methodName":"verifySignature","verifySignature":{}})",
       "verifySignature.signature is missing"},
  };
}

INSTANTIATE_TEST_SUITE_P(Texts, RefusalTest, testing::ValuesIn(Refusals()),
                         [](const auto& info) {
                           return std::string(info.param.name);
                         });

TEST(KmsRequestTest, SpeaksVersionOneOnly) {
  EXPECT_THAT(ParseKmsRequest("v2", SignMessage("")),
              HasReason("KMS_PROTOCOL"));
}

TEST(KmsRequestTest, TakesTheHashFromTheDigestsLength) {
  const auto hash = [](const std::string& options,
                       const std::string& init = "") -> std::string {
    const auto request = ParseKmsRequest("v1", SignMessage(options, init));
    if (!request.ok()) return std::string(request.status().message());
    const auto hash = HashOf(*request);
    return hash.ok() ? HashName(*hash) : base::GetReason(hash.status());
  };
  EXPECT_EQ(hash(Digest(32)), "SHA-256");
  EXPECT_EQ(hash(Digest(48)), "SHA-384");
  EXPECT_EQ(hash(Digest(64)), "SHA-512");
  EXPECT_EQ(hash(Digest(20)), "HASH_UNKNOWN");
  EXPECT_EQ(hash(Digest(48) + R"(,"hashFunc":6)"), "SHA-384");
  EXPECT_EQ(hash(Digest(48) + R"(,"hashFunc":5)"), "HASH_CONFLICT");
  EXPECT_EQ(hash(Digest(48) + R"(,"hashFunc":3)"), "HASH_UNKNOWN");
  EXPECT_EQ(hash(R"("digest":null)"), "SHA-256");
  EXPECT_EQ(hash(R"("hashFunc":7)"), "SHA-512");
  EXPECT_EQ(hash(R"("hashFunc":0)"), "HASH_UNKNOWN");
}

TEST(KmsRequestTest, RefusesWhatCosignWouldNotVerify) {
  for (const v1::KeyType key : {v1::RSA2048, v1::RSA3072, v1::RSA4096,
                                v1::EC_P256, v1::EC_P384, v1::EC_P521}) {
    EXPECT_OK(CheckVerifiable(key, HashAlgorithm::kSha256));
    for (const HashAlgorithm hash :
         {HashAlgorithm::kSha384, HashAlgorithm::kSha512}) {
      EXPECT_THAT(CheckVerifiable(key, hash),
                  HasReason("SIGNATURE_NOT_VERIFIABLE"));
    }
  }
  EXPECT_THAT(CheckVerifiable(v1::EC_EDWARDS25519, HashAlgorithm::kSha256),
              HasReason("SIGNATURE_NOT_VERIFIABLE"));
}

}  // namespace
}  // namespace countersign::client
