#include "auth/testing_issuer.h"

#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::auth {
namespace {

using base::Json;

constexpr absl::Time kNow = absl::FromUnixSeconds(1767225600);  // 2026-01-01

std::vector<std::string> Parts(const std::string& token) {
  return absl::StrSplit(token, '.');
}

std::string Decoded(const std::string& part) {
  return base::Base64UrlDecode(part).value();
}

TEST(TestingIssuerTest, WritesThreePartsAndTheClaims) {
  const TestingIssuer issuer("https://i.example", "ES256", "a");
  const std::vector<std::string> parts = Parts(
      issuer.Token(kNow, {{"aud", nullptr}, {"sub", "bob"}, {"x", true}}));
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(Decoded(parts[0]), R"({"alg":"ES256","kid":"a","typ":"JWT"})");
  EXPECT_EQ(Decoded(parts[1]),
            R"({"iss":"https://i.example","iat":1767225600,)"
            R"("nbf":1767225600,"exp":1767226200,"jti":"id-1767225600",)"
            R"("sub":"bob","x":true})");
  EXPECT_EQ(Decoded(parts[2]).size(), 64u);
}

TEST(TestingIssuerTest, WritesTextAsItIs) {
  const TestingIssuer issuer("https://i.example", "EdDSA");
  const std::vector<std::string> parts =
      Parts(issuer.RawToken("{\"a\":1,\"a\":2}", "\xff"));
  EXPECT_EQ(Decoded(parts[0]), "{\"a\":1,\"a\":2}");
  EXPECT_EQ(Decoded(parts[1]), "\xff");
}

struct KeyCase {
  const char* algorithm;
  const char* kind;
  size_t signature;
};

TEST(TestingKeyTest, SignsWithEachAlgorithm) {
  for (const KeyCase& c : std::vector<KeyCase>{{"RS256", "RSA", 256},
                                               {"PS512", "RSA", 256},
                                               {"ES256", "EC", 64},
                                               {"ES384", "EC", 96},
                                               {"ES512", "EC", 132},
                                               {"EdDSA", "OKP", 64}}) {
    SCOPED_TRACE(c.algorithm);
    const TestingKey key = TestingKey::For(c.algorithm);
    EXPECT_EQ(key.Sign(c.algorithm, "x").size(), c.signature);
    const Json jwk = key.Jwk("id", c.algorithm);
    EXPECT_EQ(jwk.Find("kty")->string(), c.kind);
    EXPECT_EQ(jwk.Find("kid")->string(), "id");
    EXPECT_EQ(jwk.Find("alg")->string(), c.algorithm);
    EXPECT_EQ(TestingKey::FromPem(key.key_pem()).spki(), key.spki());
  }
}

TEST(TestingKeyTest, MakesWeakAndForeignKeys) {
  EXPECT_EQ(TestingKey::Make("RSA1024").Sign("RS256", "x").size(), 128u);
  EXPECT_EQ(TestingKey::Make("ED448").Jwk("").Find("crv")->string(), "Ed448");
  EXPECT_EQ(TestingKey::Make("secp256k1").Jwk("").Find("crv")->string(),
            "secp256k1");
}

TEST(TestingKeyTest, MakesAMacOfWhatIsNoSecret) {
  // RFC 4231 4.3.
  EXPECT_EQ(base::HexEncode(Hs256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

}  // namespace
}  // namespace countersign::auth
