#include "auth/json_web_key.h"

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "auth/testing_issuer.h"
#include "auth/token_algorithm.h"
#include "base/json.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::auth {
namespace {

using base::Json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// Keys are slow to make, so that all tests share them.
struct Keys {
  TestingKey rsa = TestingKey::Make("RSA2048");
  TestingKey p256 = TestingKey::Make("P-256");
  TestingKey p384 = TestingKey::Make("P-384");
  TestingKey p521 = TestingKey::Make("P-521");
  TestingKey ed25519 = TestingKey::Make("Ed25519");
};

const Keys& TestKeys() {
  static const Keys& keys = *new Keys;
  return keys;
}

Json With(Json jwk, absl::string_view name, Json value) {
  jwk.Set(name, std::move(value));
  return jwk;
}

Json Without(Json jwk, absl::string_view name) {
  jwk.Erase(name);
  return jwk;
}

TEST(KeySetTest, ReadsTheKeyOfRfc7638) {
  constexpr char kSet[] =
      R"({"keys":[{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2ai)"
      R"(AFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3)"
      R"(oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FD)"
      R"(W2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD0)"
      R"(8qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF4)"
      R"(4-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256",)"
      R"("kid":"2011-04-29"}]})";
  ASSERT_OK_AND_ASSIGN(const KeySet set, ParseKeySet(kSet));
  ASSERT_THAT(set.keys(), SizeIs(1));
  EXPECT_EQ(set.keys()[0].id, "2011-04-29");
  EXPECT_EQ(set.keys()[0].thumbprint,
            "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
  EXPECT_EQ(set.keys()[0].algorithms,
            std::set<TokenAlgorithm>{TokenAlgorithm::kRs256});
}

TEST(KeySetTest, ReadsTheKeyOfRfc8037) {
  ASSERT_OK_AND_ASSIGN(
      const KeySet set,
      ParseKeySet(R"({"keys":[{"kty":"OKP","crv":"Ed25519",)"
                  R"("x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})"));
  ASSERT_THAT(set.keys(), SizeIs(1));
  EXPECT_EQ(set.keys()[0].thumbprint,
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

struct KindCase {
  const char* name;
  TestingKey Keys::*key;
  std::set<TokenAlgorithm> algorithms;
};

class KindTest : public testing::TestWithParam<KindCase> {};

TEST_P(KindTest, TellsWhatAKeyMayVerify) {
  const TestingKey& key = TestKeys().*GetParam().key;
  ASSERT_OK_AND_ASSIGN(const KeySet set, ParseKeySet(JwksText({key.Jwk("a")})));
  ASSERT_THAT(set.keys(), SizeIs(1));
  EXPECT_EQ(set.keys()[0].spki, key.spki());
  EXPECT_EQ(set.keys()[0].algorithms, GetParam().algorithms);
  EXPECT_THAT(set.keys()[0].thumbprint, SizeIs(43));
}

TEST_P(KindTest, NarrowsToAlgOrPassesOver) {
  const TestingKey& key = TestKeys().*GetParam().key;
  for (const TokenAlgorithm algorithm : AllTokenAlgorithms()) {
    ASSERT_OK_AND_ASSIGN(
        const KeySet set,
        ParseKeySet(JwksText({key.Jwk("a", ToString(algorithm))})));
    if (GetParam().algorithms.count(algorithm) == 0) {
      EXPECT_THAT(set.keys(), IsEmpty());
    } else {
      ASSERT_THAT(set.keys(), SizeIs(1));
      EXPECT_EQ(set.keys()[0].algorithms, std::set<TokenAlgorithm>{algorithm});
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, KindTest,
    testing::Values(KindCase{"Rsa",
                             &Keys::rsa,
                             {TokenAlgorithm::kRs256, TokenAlgorithm::kRs384,
                              TokenAlgorithm::kRs512, TokenAlgorithm::kPs256,
                              TokenAlgorithm::kPs384, TokenAlgorithm::kPs512}},
                    KindCase{"P256", &Keys::p256, {TokenAlgorithm::kEs256}},
                    KindCase{"P384", &Keys::p384, {TokenAlgorithm::kEs384}},
                    KindCase{"P521", &Keys::p521, {TokenAlgorithm::kEs512}},
                    KindCase{
                        "Ed25519", &Keys::ed25519, {TokenAlgorithm::kEdDsa}}),
    [](const auto& info) { return info.param.name; });

TEST(KeySetTest, PassesOverWhatIsNotForTokensOrTooWeak) {
  const Json good = TestKeys().p256.Jwk("a");
  const std::vector<Json> others = {
      With(good, "use", "enc"),
      With(good, "use", "SIG"),
      With(good, "key_ops", Json(Json::Array{"sign"})),
      With(good, "key_ops", Json(Json::Array{})),
      With(good, "alg", "HS256"),
      With(good, "alg", "none"),
      With(good, "alg", "RSA-OAEP"),
      With(good, "kty", "AKP"),
      TestingKey::Make("secp256k1").Jwk("a"),
      TestingKey::Make("ED448").Jwk("a"),
      TestingKey::Make("RSA1024").Jwk("a"),
      TestingKey::Make("RSA2047").Jwk("a"),
      With(TestKeys().rsa.Jwk("a"), "e", "Aw"),                  // 3
      With(TestKeys().rsa.Jwk("a"), "e", "AQAAAAAAAAAAAAAAAQ"),  // 2^96 + 1
  };
  for (const Json& other : others) {
    EXPECT_THAT(ParseKeySet(JwksText({other, With(good, "kid", "b")})),
                base::IsOkAndHolds(testing::Property(
                    &KeySet::keys,
                    testing::ElementsAre(testing::Field(&IssuerKey::id, "b")))))
        << CompactJson(other);
  }
}

TEST(KeySetTest, TakesKeysThatMayVerifyAmongOthers) {
  const Json jwk = With(TestKeys().p256.Jwk("a"), "key_ops",
                        Json(Json::Array{"sign", "verify"}));
  ASSERT_OK_AND_ASSIGN(const KeySet set, ParseKeySet(JwksText({jwk})));
  EXPECT_NE(set.Find("a"), nullptr);
}

TEST(KeySetTest, TakesOfASpiffeBundleWhatIsForJwtSvids) {
  const Keys& keys = TestKeys();
  const std::string text = JwksText({
      keys.p256.Jwk("a", "", "jwt-svid"),
      keys.p384.Jwk("b", "", "x509-svid"),
      keys.p521.Jwk("c", "", "sig"),
      keys.rsa.Jwk("d", "", ""),
  });
  ASSERT_OK_AND_ASSIGN(const KeySet bundle, ParseKeySet(text, true));
  ASSERT_THAT(bundle.keys(), SizeIs(1));
  EXPECT_EQ(bundle.keys()[0].id, "a");
  ASSERT_OK_AND_ASSIGN(const KeySet set, ParseKeySet(text, false));
  ASSERT_THAT(set.keys(), SizeIs(2));
}

struct BadCase {
  const char* name;
  std::string text;
  const char* message;
};

class BadKeySetTest : public testing::TestWithParam<BadCase> {};

TEST_P(BadKeySetTest, IsRefused) {
  EXPECT_THAT(ParseKeySet(GetParam().text),
              base::StatusIs(absl::StatusCode::kInvalidArgument,
                             HasSubstr(GetParam().message)));
}

INSTANTIATE_TEST_SUITE_P(
    Text, BadKeySetTest,
    testing::Values(
        BadCase{"Empty", "", "not a JWK Set"},
        BadCase{"Html", "<html>", "not a JWK Set"},
        BadCase{"List", "[]", "a list `keys`"},
        BadCase{"NoKeys", "{}", "a list `keys`"},
        BadCase{"KeysNoList", R"({"keys":{}})", "a list `keys`"},
        BadCase{"KeysTwice", R"({"keys":[],"keys":[]})", "not a JWK Set"},
        BadCase{"KeyNoObject", R"({"keys":[1]})", "key 1: it is no JSON"},
        BadCase{"NoKind", R"({"keys":[{}]})", "key 1: `kty`"},
        BadCase{"KindNoText", R"({"keys":[{"kty":1}]})", "`kty`"},
        BadCase{"Symmetric", R"({"keys":[{"kty":"oct"}]})", "symmetric"},
        BadCase{"Secret", R"({"keys":[{"kty":"oct","k":"AA"}]})",
                "secret member `k`"},
        BadCase{"Deep", R"({"keys":[[[[[[[[[]]]]]]]]]})", "deeper than 8"},
        BadCase{"BadUtf8", "{\"keys\":[{\"kty\":\"\xff\"}]}", "not a JWK Set"},
        BadCase{"Huge", std::string(kMaxKeySetSize + 1, ' '), "not a JWK Set"},
        BadCase{"ManyKeys",
                absl::StrCat("{\"keys\":[",
                             absl::StrReplaceAll(std::string(100, 'x'),
                                                 {{"x", "1,"}}),
                             "1]}"),
                "more than 100 keys"}),
    [](const auto& info) { return info.param.name; });

TEST(KeySetTest, RefusesMalformedKeys) {
  const Keys& keys = TestKeys();
  const Json rsa = keys.rsa.Jwk("a");
  const Json ec = keys.p256.Jwk("a");
  const Json ed = keys.ed25519.Jwk("a");
  const std::string n = rsa.Find("n")->string();
  struct Row {
    Json jwk;
    const char* message;
  };
  const std::vector<Row> rows = {
      {Without(rsa, "n"), "`n` is missing"},
      {Without(rsa, "e"), "`e` is missing"},
      {With(rsa, "n", 5), "`n` is missing or is no text"},
      {With(rsa, "n", ""), "`n` is missing"},
      {With(rsa, "n", absl::StrCat(n, "==")), "`n`: not base64url"},
      {With(rsa, "n", absl::StrCat("AAAA", n)), "zero octet"},
      {With(rsa, "e", "AAEAAQ"), "zero octet"},
      {With(rsa, "e", "AQAA"), "not an RSA key"},  // even
      {With(ec, "x", *ec.Find("y")), "not an EC key"},
      {With(ec, "y", "AA"), "32 octets"},
      {Without(ec, "crv"), "`crv` is missing"},
      {Without(ec, "y"), "`y` is missing"},
      {With(ed, "x", "AAAA"), "not an Ed25519 key"},
      {With(ec, "kid", 1), "`kid`"},
      {With(ec, "kid", "a\nb"), "control characters"},
      {With(ec, "kid", std::string(257, 'k')), "256 octets"},
      {With(ec, "use", 1), "`use`"},
      {With(ec, "alg", true), "`alg`"},
      {With(ec, "key_ops", "verify"), "`key_ops`"},
      {With(rsa, "d", "AQAB"), "secret member `d`"},
      {With(ec, "d", "AQAB"), "secret member `d`"},
      {With(rsa, "oth", Json(Json::Array())), "secret member `oth`"},
  };
  for (const Row& row : rows) {
    EXPECT_THAT(ParseKeySet(JwksText({row.jwk})),
                base::StatusIs(absl::StatusCode::kInvalidArgument,
                               HasSubstr(row.message)))
        << CompactJson(row.jwk);
  }
}

TEST(KeySetTest, RefusesTwoKeysOfOneId) {
  const Keys& keys = TestKeys();
  EXPECT_THAT(
      ParseKeySet(JwksText({keys.p256.Jwk("a"), keys.p384.Jwk("a")})),
      base::StatusIs(absl::StatusCode::kInvalidArgument,
                     HasSubstr("key 2: two keys have the `kid` \"a\"")));
}

TEST(KeySetTest, CountsAKeyWithTwoAlgorithmsOnce) {
  const TestingKey& rsa = TestKeys().rsa;
  ASSERT_OK_AND_ASSIGN(
      const KeySet set,
      ParseKeySet(JwksText({rsa.Jwk("a", "RS256"), rsa.Jwk("a", "PS256")})));
  ASSERT_THAT(set.keys(), SizeIs(1));
  EXPECT_EQ(set.keys()[0].algorithms,
            (std::set<TokenAlgorithm>{TokenAlgorithm::kRs256,
                                      TokenAlgorithm::kPs256}));
}

TEST(KeySetTest, FindsByIdOrTheOnlyOne) {
  const Keys& keys = TestKeys();
  ASSERT_OK_AND_ASSIGN(const KeySet one,
                       ParseKeySet(JwksText({keys.p256.Jwk("a")})));
  EXPECT_NE(one.Find("a"), nullptr);
  EXPECT_EQ(one.Find(""), one.Find("a"));
  EXPECT_EQ(one.Find("A"), nullptr);
  EXPECT_EQ(one.Find("../a"), nullptr);
  ASSERT_OK_AND_ASSIGN(
      const KeySet two,
      ParseKeySet(JwksText({keys.p256.Jwk(""), keys.p384.Jwk("")})));
  EXPECT_THAT(two.keys(), SizeIs(2));
  EXPECT_EQ(two.Find(""), nullptr);
  EXPECT_EQ(two.Find("a"), nullptr);
  EXPECT_EQ(KeySet().Find(""), nullptr);
}

}  // namespace
}  // namespace countersign::auth
