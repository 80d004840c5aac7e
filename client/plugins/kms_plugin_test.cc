#include "client/plugins/kms_plugin.h"

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/status_matchers.h"
#include "client/artifact/test_certificates.h"
#include "client/plugins/test_plugin_server.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using testing::HasSubstr;

struct Outcome {
  int code = 0;
  base::Json answer;
  std::string error;
};

Outcome Drive(TestPluginServer& server, const std::string& request,
              const std::string& message = "") {
  std::istringstream in(message);
  std::ostringstream out;
  Outcome outcome;
  outcome.code = RunKmsPlugin({"v1", request}, in, out, server.World());
  // One JSON object and nothing else.
  auto json = base::ParseJson(out.str());
  EXPECT_OK(json) << out.str();
  if (!json.ok()) return outcome;
  EXPECT_TRUE(json->is_object());
  EXPECT_EQ(json->object().size(), 1u);
  outcome.answer = *std::move(json);
  const base::Json* error = outcome.answer.Find("errorMessage");
  if (error != nullptr) outcome.error = error->string();
  EXPECT_EQ(outcome.error.empty(), outcome.code == 0);
  return outcome;
}

std::string Octets(const base::Json& answer, const char* method,
                   const char* member) {
  const base::Json* found = answer.Find(method);
  if (found == nullptr) return "";
  return base::Base64Decode(found->Find(member)->string()).value();
}

// What the plugin must make of `message`, checked by OpenSSL.
bool OpensslVerifies(EVP_PKEY* key, const std::string& message,
                     const std::string& signature) {
  const base::EvpMdCtxPtr ctx(EVP_MD_CTX_new());
  const auto octets = [](const std::string& text) {
    return reinterpret_cast<const unsigned char*>(text.data());
  };
  return EVP_DigestVerifyInit(ctx.get(), nullptr, EVP_sha256(), nullptr, key) ==
             1 &&
         EVP_DigestVerify(ctx.get(), octets(signature), signature.size(),
                          octets(message), message.size()) == 1;
}

// Deadlines that are over, and names of keys that the recording tool had.
std::string Adapted(std::string request) {
  return absl::StrReplaceAll(request, {{"2026-11-21T", "2099-11-21T"},
                                       {"shared-p256", "shop/release"},
                                       {"shared-rsa3072", "shop/release"}});
}

// One call of a transcript: argv, request, stdin.
struct Call {
  std::string request;
  std::string method;
  std::string message;
};

std::vector<Call> ReadTranscript(const std::string& name) {
  std::ifstream file(absl::StrCat("client/plugins/testdata/", name, ".jsonl"));
  std::vector<Call> calls;
  std::string line;
  while (std::getline(file, line)) {
    const base::Json json = base::ParseJson(line).value();
    EXPECT_EQ(json.Find("argv")->array()[0].string(), "v1");
    Call call;
    call.request = Adapted(base::CompactJson(*json.Find("request")));
    call.method = json.Find("request")->Find("methodName")->string();
    call.message = base::Base64Decode(json.Find("stdin")->string()).value();
    calls.push_back(std::move(call));
  }
  EXPECT_FALSE(calls.empty()) << name;
  return calls;
}

class TranscriptTest : public testing::TestWithParam<const char*> {};

// Each request that real cosign made is answered as it has to be.
TEST_P(TranscriptTest, IsAnswered) {
  TestPluginServer ec(MakeEcKey(), v1::EC_P256);
  TestPluginServer rsa(MakeRsaKey(), v1::RSA2048);
  for (TestPluginServer* server : {&ec, &rsa}) {
    for (const Call& call : ReadTranscript(GetParam())) {
      std::string request = call.request;
      if (call.method == "verifySignature") {
        // The recorded signature is by another key: once as it is, once ours.
        EXPECT_THAT(Drive(*server, request, call.message).error,
                    HasSubstr("not a signature by"));
        const std::string ours =
            SignDigest(server->key(),
                       server == &ec ? base::SignatureScheme::kEcdsa
                                     : base::SignatureScheme::kRsaPkcs1,
                       HashAlgorithm::kSha256,
                       HashOctets(HashAlgorithm::kSha256, call.message));
        base::Json json = base::ParseJson(request).value();
        json.Find("verifySignature")
            ->Set("signature", base::Base64Encode(ours));
        request = base::CompactJson(json);
      }
      const Outcome got = Drive(*server, request, call.message);
      if (call.method == "createKey") {
        EXPECT_THAT(got.error, HasSubstr("countersign product create"));
        continue;
      }
      EXPECT_EQ(got.error, "");
      EXPECT_NE(got.answer.Find(call.method), nullptr);
      if (call.method == "publicKey") {
        EXPECT_EQ(Octets(got.answer, "publicKey", "publicKeyPEM"),
                  server->public_key_pem());
      }
      if (call.method == "signMessage") {
        EXPECT_TRUE(
            OpensslVerifies(server->key(), call.message,
                            Octets(got.answer, "signMessage", "signature")));
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Recorded, TranscriptTest,
                         testing::Values("generate-key-pair", "public-key",
                                         "v2-sign-blob", "v2-sign", "v2-verify",
                                         "v3-attest", "v3-sign-blob",
                                         "v3-sign-legacy", "v3-sign",
                                         "v3-verify-blob", "v3-verify"),
                         [](const auto& info) {
                           return absl::StrReplaceAll(info.param, {{"-", "_"}});
                         });

std::string SignRequest(const std::string& digest = "",
                        const std::string& deadline = "",
                        const std::string& key = "shop/release") {
  return absl::StrCat(
      R"({"initOptions":{"protocolVersion":"v1","keyResourceID":")", key, "\"",
      deadline.empty() ? ""
                       : absl::StrCat(",\"ctxDeadline\":\"", deadline, "\""),
      R"(,"hashFunc":5,"rpcOptions":{}},"methodName":"signMessage",)",
      R"("signMessage":{"signOptions":{"rpcOptions":{},"messageOptions":)",
      digest.empty()
          ? "{\"digest\":null}"
          : absl::StrCat("{\"digest\":\"", base::Base64Encode(digest), "\"}"),
      "}}}");
}

std::string In(absl::Duration time) {
  return absl::FormatTime(absl::RFC3339_full, base::SystemClock().Now() + time,
                          absl::UTCTimeZone());
}

TEST(KmsPluginTest, ShowsApproversWhatIsSigned) {
  TestPluginServer server(MakeEcKey(), v1::EC_P256);
  const std::vector<Call> calls = ReadTranscript("v3-sign-legacy");
  server.description = "Shop 1.2";
  for (const Call& call : calls) Drive(server, call.request, call.message);
  ASSERT_EQ(server.asked.size(), 1u);
  const v1::SigningRequest& asked = server.asked[0].signing_request();
  EXPECT_THAT(asked.description(),
              HasSubstr("Shop 1.2\ncontainer image 127.0.0.1:"));
  EXPECT_THAT(asked.digests(0).label(), HasSubstr("container image 127.0.0"));
  EXPECT_THAT(asked.context().at("image.digest"), HasSubstr("sha256:"));
  EXPECT_EQ(asked.signature_algorithm(), v1::ECDSA);
  EXPECT_EQ(asked.hash_algorithm(), v1::SHA256);
}

TEST(KmsPluginTest, AsksForTheSameSignatureOnce) {
  TestPluginServer server(MakeEcKey(), v1::EC_P256);
  const Outcome first = Drive(server, SignRequest(), "message");
  const Outcome second = Drive(server, SignRequest(), "message");
  EXPECT_EQ(first.answer, second.answer);
  EXPECT_EQ(server.asked.size(), 1u);
  Drive(server, SignRequest(), "other message");
  EXPECT_EQ(server.asked.size(), 2u);
}

TEST(KmsPluginTest, NamesTheRequestAtTheDeadlineAndFinishesLater) {
  TestPluginServer server(MakeEcKey(), v1::EC_P256);
  server.signs_at_once = false;
  const Outcome late =
      Drive(server, SignRequest("", In(absl::Milliseconds(5600))), "message");
  EXPECT_EQ(late.code, 5);
  EXPECT_THAT(late.error, HasSubstr("signing request products/shop/operations/"
                                    "release/signingRequests/r1 still waits"));
  EXPECT_THAT(late.error, HasSubstr("countersign approve products/shop/"));
  EXPECT_THAT(late.error, HasSubstr("the same command again"));
  EXPECT_THAT(late.error, HasSubstr("--timeout 2h"));
  EXPECT_THAT(server.notes, testing::Contains(HasSubstr("waiting: ")));

  server.SignNewest();
  const Outcome done =
      Drive(server, SignRequest("", In(absl::Hours(1))), "message");
  EXPECT_EQ(done.error, "");
  EXPECT_EQ(server.asked.size(), 1u);
}

TEST(KmsPluginTest, AsksNobodyWhereTheDeadlineIsOver) {
  TestPluginServer server(MakeEcKey(), v1::EC_P256);
  for (const absl::Duration time :
       {-absl::Hours(1), absl::ZeroDuration(), absl::Seconds(4)}) {
    EXPECT_THAT(Drive(server, SignRequest("", In(time)), "message").error,
                HasSubstr("--timeout 10m"));
  }
  EXPECT_TRUE(server.asked.empty());
}

TEST(KmsPluginTest, ReleasesNothingThatDoesNotFitTheKey) {
  for (const bool rsa : {false, true}) {
    TestPluginServer server(rsa ? MakeRsaKey() : MakeEcKey(),
                            rsa ? v1::RSA2048 : v1::EC_P256);
    server.lies = true;
    const Outcome got = Drive(server, SignRequest(), "message");
    EXPECT_EQ(got.code, 9);
    EXPECT_THAT(got.error, HasSubstr("it was thrown away"));
  }
}

TEST(KmsPluginTest, RefusesADigestOfAnotherMessage) {
  TestPluginServer server(MakeEcKey(), v1::EC_P256);
  const std::string digest = HashOctets(HashAlgorithm::kSha256, "message");
  EXPECT_EQ(Drive(server, SignRequest(digest), "message").error, "");
  EXPECT_THAT(Drive(server, SignRequest(digest), "massage").error,
              HasSubstr("nothing was signed"));
  EXPECT_EQ(server.asked.size(), 1u);
}

TEST(KmsPluginTest, RefusesHashesThatCosignWouldNotVerify) {
  TestPluginServer server(MakeEcKey(), v1::EC_P384);
  for (const size_t octets : {48, 64}) {
    EXPECT_THAT(Drive(server, SignRequest(std::string(octets, 'd'))).error,
                HasSubstr("SIGNATURE_NOT_VERIFIABLE"));
  }
  EXPECT_TRUE(server.asked.empty());
}

TEST(KmsPluginTest, TakesEachFormOfAKeyReference) {
  TestPluginServer server(MakeEcKey(), v1::EC_P256);
  for (const char* key :
       {"shop/release", "products/shop/operations/release", "shop/release/1",
        "products/shop/operations/release/keyVersions/1"}) {
    EXPECT_EQ(Drive(server, SignRequest("", "", key), "message").error, "")
        << key;
  }
  for (const char* key : {"", "shop", "shop/release?x=1", "/shop/release",
                          "shop/release/", "SHOP/release"}) {
    EXPECT_NE(Drive(server, SignRequest("", "", key), "message").error, "")
        << key;
  }
  EXPECT_EQ(server.asked.size(), 1u);
}

TEST(KmsPluginTest, NamesTheKeyThatSignedBeforeARotation) {
  TestPluginServer server(MakeEcKey(), v1::EC_P256);
  const base::EvpPkeyPtr older = MakeEcKey();
  server.other_key_pem = PublicKeyPem(older.get());
  const std::string signature = SignDigest(
      older.get(), base::SignatureScheme::kEcdsa, HashAlgorithm::kSha256,
      HashOctets(HashAlgorithm::kSha256, "message"));
  const Outcome got = Drive(
      server,
      absl::StrCat(R"({"initOptions":{"protocolVersion":"v1","keyResourceID":)",
                   R"("shop/release"},"methodName":"verifySignature",)",
                   R"("verifySignature":{"signature":")",
                   base::Base64Encode(signature), R"(","verifyOptions":{}}})"),
      "message");
  EXPECT_EQ(got.code, 9);
  EXPECT_THAT(got.error, HasSubstr("verify with countersign://shop/release/2"));
}

TEST(KmsPluginTest, WaitsNoLongerThanTheEnvironmentSays) {
  TestPluginServer server(MakeEcKey(), v1::EC_P256);
  server.signs_at_once = false;
  server.wait = "1s";
  EXPECT_EQ(Drive(server, SignRequest(), "message").code, 5);
  server.wait = "soon";
  EXPECT_EQ(Drive(server, SignRequest(), "message").code, 2);
}

TEST(KmsPluginTest, EndsInOrderWhenInterrupted) {
  TestPluginServer server(MakeEcKey(), v1::EC_P256);
  server.signs_at_once = false;
  server.interrupted = true;
  const Outcome got = Drive(server, SignRequest(), "message");
  EXPECT_NE(got.error, "");
}

TEST(KmsPluginTest, AnswersWithoutAServerWhereNoneIsNeeded) {
  TestPluginServer server(MakeEcKey(), v1::EC_P256);
  const Outcome got =
      Drive(server,
            R"({"initOptions":{"protocolVersion":"v1"},)"
            R"("methodName":"supportedAlgorithms","supportedAlgorithms":{}})");
  EXPECT_EQ(got.answer.Find("supportedAlgorithms")
                ->Find("supportedAlgorithms")
                ->array()[0]
                .string(),
            "ecdsa-p256-sha256");
}

TEST(KmsPluginTest, TellsAPersonWhatItIs) {
  TestPluginServer server(MakeEcKey(), v1::EC_P256);
  std::istringstream in;
  for (const auto& [argument, code, part] :
       std::vector<std::tuple<std::string, int, std::string>>{
           {"--help", 0, "cosign sign --key countersign://"},
           {"--version", 0, "sigstore-kms-countersign 0."},
           {"--frobnicate", 2, "Usage"}}) {
    std::ostringstream out;
    EXPECT_EQ(RunKmsPlugin({argument}, in, out, server.World()), code);
    EXPECT_THAT(out.str(), HasSubstr(part));
  }
}

}  // namespace
}  // namespace countersign::client
