// What the door answers, through a whole server: who gets in, what is signed,
// what is refused and how it is told.
#include "server/http/http_door.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/openssl.h"
#include "base/pem.h"
#include "base/signature_verifier.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/http/testing_http_client.h"
#include "server/http/testing_shop.h"

namespace countersign::server {
namespace {

using testing::HasSubstr;

const std::string& Digest() {
  static const auto& kDigest = *new std::string(base::Sha256("file"));
  return kDigest;
}

class HttpDoorTest : public testing::Test {
 protected:
  void ExpectGood(const std::string& operation, base::SignatureScheme scheme,
                  const std::string& signature) {
    ASSERT_OK_AND_ASSIGN(auto verifier,
                         base::SignatureVerifier::Create(shop_.Spki(operation),
                                                         scheme, "SHA256"));
    EXPECT_OK(verifier.Verify(Digest(), signature));
  }

  TestingShop shop_;
};

TEST_F(HttpDoorTest, AnswersPemThatTheToolsRead) {
  const auto answer = shop_.As("release").Ask(OcmPost(kReleasePath, Digest()));
  ASSERT_EQ(answer.code, 200) << answer.body;
  EXPECT_EQ(answer.Field("Content-Type"), "application/x-pem-file");
  ASSERT_OK_AND_ASSIGN(const auto blocks, base::ParsePem(answer.body));
  ASSERT_EQ(blocks.size(), 3u);
  EXPECT_EQ(blocks[0].label, "SIGNATURE");
  ASSERT_EQ(blocks[0].headers.size(), 1u);
  EXPECT_EQ(blocks[0].headers[0].first, "Signature Algorithm");
  EXPECT_EQ(blocks[0].headers[0].second, "RSASSA-PSS");
  EXPECT_EQ(blocks[1].label, "CERTIFICATE");
  EXPECT_EQ(blocks[2].label, "CERTIFICATE");
  ExpectGood("release", base::SignatureScheme::kRsaPss, blocks[0].contents);
}

TEST_F(HttpDoorTest, SignsInEachFormOfAnswerAndOfDigest) {
  TestingHttpClient ci = shop_.As("ci");
  const auto raw =
      ci.Ask(OcmPost(kFastPath, Digest(), "application/octet-stream"));
  ASSERT_EQ(raw.code, 200) << raw.body;
  ExpectGood("fast", base::SignatureScheme::kRsaPkcs1, raw.body);
  const auto hex = ci.Ask(OcmPost(kFastPath, base::HexEncode(Digest()),
                                  kHexType, "Content-Encoding: hex\r\n"));
  EXPECT_EQ(hex.body, base::HexEncode(raw.body));
  const auto base64 =
      ci.Ask(OcmPost(kFastPath, base::Base64Encode(Digest()),
                     "application/octet-stream+base64",
                     "Content-Type: application/octet-stream+base64\r\n"));
  EXPECT_EQ(base64.body, base::Base64Encode(raw.body));
  // The operation has no certificate: whoever takes anything gets text.
  EXPECT_EQ(ci.Ask(OcmPost(kFastPath, Digest(), "*/*")).body, hex.body);
}

TEST_F(HttpDoorTest, ShowsAnApproverWhatTheUrlSays) {
  const auto answer = shop_.As("release").Ask(
      OcmPost(absl::StrCat(kReleasePath,
                           "&description=Release+7&label=acme.org%2Fx:1.0"
                           "&context.build=17&context.job=a%26b"),
              Digest()));
  ASSERT_EQ(answer.code, 200) << answer.body;
  const auto done = shop_.List(v1::SigningRequest::SIGNED);
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].description(), "Release 7");
  EXPECT_EQ(done[0].digests(0).label(), "acme.org/x:1.0");
  EXPECT_EQ(done[0].context().at("build"), "17");
  EXPECT_EQ(done[0].context().at("job"), "a&b");
  EXPECT_EQ(done[0].requester().subject(), "spiffe://d/release/build");
}

TEST_F(HttpDoorTest, SaysWhatIsWrong) {
  const std::string curve = "/products/shop/operations/curve";
  const std::string pss = "/sign/rsassa-pss?hashAlgorithm=SHA-256";
  const struct {
    std::string target;
    std::string body;
    const char* accept;
    int code;
    const char* says;
  } kRows[] = {
      {curve + pss, Digest(), kHexType, 400, "ECDSA"},
      {kFastPath, Digest(), "application/x-pem-file", 400,
       "DETACHED_SIGNATURE"},
      {kFastPath, Digest(), "application/json", 400, "application/x-pem-file"},
      {kFastPath, "short", kHexType, 400, "holds 5 octets"},
      {pss, Digest(), kHexType, 404, "no http.default_operation"},
      {"/products/none/operations/o" + pss, Digest(), kHexType, 404,
       "products/none/operations/o"},
      {"/products/shop/operations/none" + pss, Digest(), kHexType, 404,
       "operations/none"},
      {absl::StrCat(kFastPath, "&label=", std::string(257, 'x')), Digest(),
       kHexType, 400, "at most 256"},
      {absl::StrCat(kFastPath, "&context.=x"), Digest(), kHexType, 400,
       "key of 0 octets"},
      {absl::StrCat(kFastPath, "&description=%ff"), Digest(), kHexType, 400,
       "UTF-8"},
  };
  TestingHttpClient ci = shop_.As("ci");
  for (const auto& row : kRows) {
    const auto answer = ci.Ask(OcmPost(row.target, row.body, row.accept));
    EXPECT_EQ(answer.code, row.code) << row.target << ": " << answer.body;
    EXPECT_THAT(answer.body, HasSubstr(row.says)) << row.target;
    EXPECT_THAT(answer.Field("Content-Type"), HasSubstr("text/plain"));
  }
  EXPECT_EQ(shop_.Created(), 0);
}

TEST_F(HttpDoorTest, RefusesWrongMethodsWithTheRightOnes) {
  TestingHttpClient ci = shop_.As("ci");
  const auto get = ci.Ask(Get(kFastPath));
  EXPECT_EQ(get.code, 405);
  EXPECT_EQ(get.Field("Allow"), "POST");
}

TEST_F(HttpDoorTest, RecordsWhoWasRefused) {
  const auto stranger = shop_.As("stranger").Ask(OcmPost(kFastPath, Digest()));
  EXPECT_EQ(stranger.code, 403);
  EXPECT_EQ(shop_.server().CountEvents(core::EventType::kCallDenied), 1);
  // Known, and no business here: not even what is wrong with the call.
  const auto admin = shop_.As("admin").Ask(OcmPost(kFastPath, "short"));
  EXPECT_EQ(admin.code, 403) << admin.body;
  EXPECT_THAT(admin.body, HasSubstr("may not ask for signatures"));
  EXPECT_EQ(shop_.server().CountEvents(core::EventType::kCallDenied), 2);
}

TEST_F(HttpDoorTest, RefusesACertificateThatRanOutOnAnOpenConnection) {
  TestingHttpClient ci = shop_.As("ci");
  EXPECT_EQ(ci.Ask(OcmPost(kFastPath, Digest(), kHexType)).code, 200);
  shop_.server().clock().Set(absl::FromUnixSeconds(2051222400 + 1));
  EXPECT_EQ(ci.Ask(OcmPost(kFastPath, Digest(), kHexType)).code, 401);
  EXPECT_EQ(shop_.server().CountEvents(core::EventType::kCallDenied), 1);
}

TEST_F(HttpDoorTest, TellsOnlyProbesToThoseWithoutACertificate) {
  TestingHttpClient nobody = shop_.WithoutCertificate();
  const auto health = nobody.Ask(Get("/healthz"));
  EXPECT_EQ(health.code, 200);
  EXPECT_EQ(health.body, "ok\n");
  EXPECT_EQ(nobody.Ask(Get("/readyz")).code, 200);
  const auto answer = nobody.Ask(OcmPost(kFastPath, Digest()));
  EXPECT_EQ(answer.code, 401);
  EXPECT_THAT(answer.body, HasSubstr("no client certificate"));
  EXPECT_EQ(nobody.Ask(Get("/anything")).code, 401);
  EXPECT_EQ(shop_.server().CountEvents(core::EventType::kCallDenied), 2);
  // Nobody can fill the record from the network.
  for (int i = 0; i < 30; ++i) {
    EXPECT_EQ(nobody.Ask(Get("/anything")).code, 401);
  }
  EXPECT_EQ(shop_.server().CountEvents(core::EventType::kCallDenied), 10);
}

TEST_F(HttpDoorTest, IsNotReadyWhileNoTokenCanSign) {
  TestingHttpClient nobody = shop_.WithoutCertificate();
  core::SignerHealth away;
  away.ready = false;
  away.message = "gone";
  away.tokens.emplace_back();
  away.tokens[0].token = "main";
  away.tokens[0].ready = false;
  shop_.server().signer().SetHealth(away);
  TestingHttpAnswer answer;
  do {
    answer = nobody.Ask(Get("/readyz"));
  } while (answer.code != 503);
  EXPECT_EQ(answer.body, "not ready: no token can sign now\n");
  EXPECT_EQ(shop_.As("ci").Ask(Get("/readyz")).body,
            "not ready: no token can sign now; away: tokens/main\n");
  EXPECT_EQ(nobody.Ask(Get("/healthz")).code, 200);
}

TEST_F(HttpDoorTest, NeverReleasesASignatureThatWasNotVerified) {
  // The signer's own check is the port's (core/signer.h); what it refuses to
  // give is a failure here, without octets of it.
  shop_.server().signer().FailNext(
      1, absl::InternalError("the token's signature does not verify"));
  const auto answer =
      shop_.As("ci").Ask(OcmPost(kFastPath, Digest(), kHexType));
  EXPECT_EQ(answer.code, 500) << answer.body;
  EXPECT_THAT(answer.body, HasSubstr("call_id"));
  EXPECT_THAT(answer.body, testing::Not(HasSubstr("verify")));
}

TEST(HttpDoorPaths, TakesTheDefaultOperation) {
  TestingShop shop("  default_operation: products/shop/operations/release\n");
  const auto answer = shop.As("release").Ask(
      OcmPost("/sign/rsassa-pss?hashAlgorithm=SHA-256", Digest()));
  EXPECT_EQ(answer.code, 200) << answer.body;
}

}  // namespace
}  // namespace countersign::server
