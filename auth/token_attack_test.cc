// A table of attacks on tokens: each row is one token that somebody could send,
// and how it is refused. Tables may be longer than other tests.
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "auth/json_web_key.h"
#include "auth/testing_issuer.h"
#include "auth/token_algorithm.h"
#include "auth/token_issuer.h"
#include "auth/verify_token.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/openssl.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::auth {
namespace {

using base::HasReason;
using base::Json;
using base::StatusIs;
using testing::AllOf;
using testing::HasSubstr;

constexpr absl::Time kNow = absl::FromUnixSeconds(1767225600);  // 2026-01-01
constexpr char kUrl[] = "https://ci.example";
constexpr char kTrustDomain[] = "spiffe://acme.example";

// What an attacker meets: three issuers, each with keys of its own.
struct World {
  TestingIssuer ci{kUrl, "ES256", "k1"};
  TestingKey ci_rsa = TestingKey::Make("RSA2048");
  TestingKey ci_edwards = TestingKey::Make("Ed25519");
  TestingIssuer foreign{"https://other.example", "ES256", "k1"};
  TestingIssuer mesh{"", "ES256", "k1"};
  TestingKey attacker = TestingKey::Make("P-256");

  std::vector<TokenIssuer> Issuers() const;
  FindKeys Find() const;
};

const World& TheWorld() {
  static const World& world = *new World;
  return world;
}

std::vector<TokenIssuer> World::Issuers() const {
  TokenIssuer ci_rules;
  ci_rules.name = "ci";
  ci_rules.issuer = kUrl;
  ci_rules.audiences = {"countersign"};
  ci_rules.algorithms = {TokenAlgorithm::kRs256, TokenAlgorithm::kPs256,
                         TokenAlgorithm::kEs256};
  ci_rules.required_claims = {{"team", {"acme"}, {}}};
  ci_rules.revoked_ids = {"stolen"};
  ci_rules.revoked_before = kNow - absl::Minutes(30);
  TokenIssuer foreign_rules = ci_rules;
  foreign_rules.name = "other";
  foreign_rules.issuer = foreign.issuer();
  foreign_rules.require_bound = true;
  TokenIssuer mesh_rules;
  mesh_rules.name = "mesh";
  mesh_rules.issuer = kTrustDomain;
  mesh_rules.spiffe = true;
  mesh_rules.audiences = {"countersign"};
  mesh_rules.algorithms = {TokenAlgorithm::kEs256, TokenAlgorithm::kEdDsa};
  return {ci_rules, foreign_rules, mesh_rules};
}

FindKeys World::Find() const {
  return [this](const std::string& name, absl::string_view)
             -> absl::StatusOr<std::shared_ptr<const KeySet>> {
    const std::string jwks =
        name == "ci"
            ? JwksText({ci.key().Jwk("k1"), ci_rsa.Jwk("rsa"),
                        ci_rsa.Jwk("ps", "PS256"), ci_edwards.Jwk("ed")})
        : name == "other" ? foreign.Jwks()
                          : mesh.Jwks();
    return std::make_shared<const KeySet>(ParseKeySet(jwks).value());
  };
}

absl::StatusOr<VerifiedToken> Verify(const std::string& token) {
  return VerifyToken(token, TheWorld().Issuers(), TheWorld().Find(), kNow);
}

// --- Tokens

Json Claims(const Json::Object& more = {}) {
  Json::Object all = {{"team", "acme"}};
  all.insert(all.end(), more.begin(), more.end());
  return TheWorld().ci.Claims(kNow, all);
}

std::string Good(const Json::Object& more = {}) {
  return TheWorld().ci.Token(Claims(more));
}

// Good claims and this text after them: `,"aud":"x"`.
std::string GoodText(absl::string_view more) {
  std::string text = CompactJson(Claims());
  text.insert(text.size() - 1, std::string(more));
  return TheWorld().ci.RawToken(TheWorld().ci.Header(), text);
}

std::string WithHeader(const std::string& header) {
  return TheWorld().ci.RawToken(header, CompactJson(Claims()));
}

// A header with more members, rightly signed.
std::string HeaderWith(const std::string& more) {
  return WithHeader(absl::StrCat(R"({"alg":"ES256","kid":"k1",)", more, "}"));
}

std::string WithKid(const std::string& kid) {
  return WithHeader(absl::StrCat(R"({"alg":"ES256","kid":")", kid, "\"}"));
}

// Signed with any key and algorithm under any header.
std::string Signed(const TestingKey& key, absl::string_view algorithm,
                   const std::string& header,
                   int salt = RSA_PSS_SALTLEN_DIGEST) {
  const std::string input = SigningInput(header, CompactJson(Claims()));
  return WithSignature(input, key.Sign(algorithm, input, salt));
}

std::string Header(absl::string_view alg, absl::string_view kid) {
  return absl::StrCat("{\"alg\":\"", alg, "\",\"kid\":\"", kid, "\"}");
}

std::string Hmac(absl::string_view secret, absl::string_view kid) {
  const std::string input =
      SigningInput(Header("HS256", kid), CompactJson(Claims()));
  return WithSignature(input, Hs256(secret, input));
}

std::string Unsigned(absl::string_view alg, absl::string_view signature) {
  return WithSignature(SigningInput(Header(alg, "k1"), CompactJson(Claims())),
                       signature);
}

std::string Input(const std::string& token) {
  return token.substr(0, token.rfind('.'));
}
std::string SignatureOf(const std::string& token) {
  return base::Base64UrlDecode(token.substr(token.rfind('.') + 1)).value();
}

std::string Svid(const std::string& subject, const Json::Object& more = {},
                 absl::string_view typ = "JWT") {
  Json::Object claims = {{"iss", nullptr}, {"sub", subject}};
  claims.insert(claims.end(), more.begin(), more.end());
  return TheWorld().mesh.RawToken(
      absl::StrCat(R"({"alg":"ES256","kid":"k1","typ":")", typ, "\"}"),
      CompactJson(TheWorld().mesh.Claims(kNow, claims)));
}

std::string Bound(const Json& confirmation) {
  const TestingIssuer& issuer = TheWorld().foreign;
  return issuer.Token(
      issuer.Claims(kNow, {{"team", "acme"}, {"cnf", confirmation}}));
}

struct Attack {
  const char* name;
  std::function<std::string()> token;
  const char* reason;
  const char* message;
};

class AttackTest : public testing::TestWithParam<Attack> {};

TEST_P(AttackTest, IsRefused) {
  EXPECT_THAT(Verify(GetParam().token()),
              AllOf(StatusIs(absl::StatusCode::kUnauthenticated,
                             HasSubstr(GetParam().message)),
                    HasReason(GetParam().reason)));
}

std::string Name(const testing::TestParamInfo<Attack>& info) {
  return info.param.name;
}

// What the rows change is what is refused.
TEST(AttackTableTest, StartsFromTokensThatAreTaken) {
  const World& w = TheWorld();
  EXPECT_OK(Verify(Good()));
  EXPECT_OK(Verify(GoodText(R"(,"x":"y")")));
  EXPECT_OK(Verify(HeaderWith(R"("x5t":"a")")));
  EXPECT_OK(Verify(WithKid("k1")));
  EXPECT_OK(Verify(Signed(w.ci_rsa, "RS256", Header("RS256", "rsa"))));
  EXPECT_OK(Verify(Signed(w.ci_rsa, "PS256", Header("PS256", "ps"))));
  EXPECT_OK(Verify(Svid("spiffe://acme.example/ci")));
  EXPECT_OK(Verify(Bound(Json(
      Json::Object{{"x5t#S256", base::Base64UrlEncode(base::Sha256("c"))}}))));
}

INSTANTIATE_TEST_SUITE_P(
    AlgorithmConfusion, AttackTest,
    testing::Values(
        Attack{"PublicKeyAsSecret",
               [] { return Hmac(TheWorld().ci_rsa.spki(), "rsa"); },
               "TOKEN_ALGORITHM", "`alg` is \"HS256\""},
        Attack{
            "PublicPemAsSecret",
            [] { return Hmac(base::SpkiPem(TheWorld().ci_rsa.spki()), "rsa"); },
            "TOKEN_ALGORITHM", "configured for RS256, PS256, ES256"},
        Attack{"EmptySecret", [] { return Hmac("", "k1"); }, "TOKEN_ALGORITHM",
               "HS256"},
        Attack{"NoneWithoutSignature", [] { return Unsigned("none", ""); },
               "TOKEN_MALFORMED", "no signature"},
        Attack{"None", [] { return Unsigned("none", "x"); }, "TOKEN_ALGORITHM",
               "`alg` is \"none\""},
        Attack{"NoneCapital", [] { return Unsigned("None", "x"); },
               "TOKEN_ALGORITHM", "None"},
        Attack{"NoneUpper", [] { return Unsigned("NONE", "x"); },
               "TOKEN_ALGORITHM", "NONE"},
        Attack{"NoneMixed", [] { return Unsigned("nOnE", "x"); },
               "TOKEN_ALGORITHM", "nOnE"},
        Attack{"LowerCase",
               [] {
                 return Signed(TheWorld().ci.key(), "ES256",
                               Header("es256", "k1"));
               },
               "TOKEN_ALGORITHM", "es256"},
        Attack{"RsaAlgorithmEcKey",
               [] {
                 return Signed(TheWorld().ci_rsa, "RS256",
                               Header("RS256", "k1"));
               },
               "TOKEN_ALGORITHM", "key \"k1\" is not for that"},
        Attack{"EcAlgorithmRsaKey",
               [] {
                 return Signed(TheWorld().ci.key(), "ES256",
                               Header("ES256", "rsa"));
               },
               "TOKEN_ALGORITHM", "key \"rsa\" is not for that"},
        Attack{"Rs256WithAKeyForPs256",
               [] {
                 return Signed(TheWorld().ci_rsa, "RS256",
                               Header("RS256", "ps"));
               },
               "TOKEN_ALGORITHM", "key \"ps\" is not for that"},
        Attack{"KnownButNotConfigured",
               [] {
                 return Signed(TheWorld().ci_edwards, "EdDSA",
                               Header("EdDSA", "ed"));
               },
               "TOKEN_ALGORITHM", "`alg` is \"EdDSA\""},
        Attack{"WeakerHashNotConfigured",
               [] {
                 return Signed(TheWorld().ci_rsa, "RS384",
                               Header("RS384", "rsa"));
               },
               "TOKEN_ALGORITHM", "RS384"},
        Attack{"Pkcs1AsPss",
               [] {
                 return Signed(TheWorld().ci_rsa, "RS256",
                               Header("PS256", "rsa"));
               },
               "TOKEN_SIGNATURE", "not of its issuer's key"},
        Attack{"PssAsPkcs1",
               [] {
                 return Signed(TheWorld().ci_rsa, "PS256",
                               Header("RS256", "rsa"));
               },
               "TOKEN_SIGNATURE", "not of its issuer's key"},
        Attack{"PssWithoutSalt",
               [] {
                 return Signed(TheWorld().ci_rsa, "PS256",
                               Header("PS256", "rsa"), 0);
               },
               "TOKEN_SIGNATURE", "not of its issuer's key"},
        Attack{"EcdsaAsDer",
               [] {
                 const std::string input = Input(Good());
                 return WithSignature(input,
                                      TheWorld().ci.key().SignDer(input));
               },
               "TOKEN_SIGNATURE", "of ES256 there are 64"},
        Attack{"EcdsaZeros",
               [] { return Unsigned("ES256", std::string(64, '\0')); },
               "TOKEN_SIGNATURE", "not of its issuer's key"}),
    Name);

INSTANTIATE_TEST_SUITE_P(
    KeyConfusion, AttackTest,
    testing::Values(
        Attack{"ForeignIssuersKeyOfTheSameId",
               [] {
                 return Signed(TheWorld().foreign.key(), "ES256",
                               Header("ES256", "k1"));
               },
               "TOKEN_SIGNATURE", "not of its issuer's key"},
        Attack{"OurIssuersKeyForTheForeignOne",
               [] {
                 return Good({{"iss", "https://other.example"}});
               },
               "TOKEN_SIGNATURE", "not of its issuer's key"},
        Attack{"IssuersKeyForATrustDomain",
               [] {
                 return Good(
                     {{"iss", nullptr}, {"sub", "spiffe://acme.example/ci"}});
               },
               "TOKEN_SIGNATURE", "not of its issuer's key"},
        Attack{"AttackersKey",
               [] {
                 return Signed(TheWorld().attacker, "ES256",
                               Header("ES256", "k1"));
               },
               "TOKEN_SIGNATURE", "not of its issuer's key"},
        Attack{"EmbeddedKey",
               [] {
                 const Json jwk = TheWorld().attacker.Jwk("k1");
                 return Signed(TheWorld().attacker, "ES256",
                               absl::StrCat(R"({"alg":"ES256","jwk":)",
                                            CompactJson(jwk), "}"));
               },
               "TOKEN_MALFORMED", "header has `jwk`"},
        Attack{"KeySetElsewhere",
               [] { return HeaderWith(R"("jku":"https://evil.example")"); },
               "TOKEN_MALFORMED", "header has `jku`"},
        Attack{"CertificateElsewhere",
               [] { return HeaderWith(R"("x5u":"https://evil.example")"); },
               "TOKEN_MALFORMED", "header has `x5u`"},
        Attack{"EmbeddedChain", [] { return HeaderWith(R"("x5c":["AA"])"); },
               "TOKEN_MALFORMED", "header has `x5c`"},
        Attack{"Critical",
               [] { return HeaderWith(R"("crit":["exp"],"exp":1)"); },
               "TOKEN_MALFORMED", "header has `crit`"},
        Attack{"UnencodedPayload", [] { return HeaderWith(R"("b64":false)"); },
               "TOKEN_MALFORMED", "header has `b64`"},
        Attack{"Compressed", [] { return HeaderWith(R"("zip":"DEF")"); },
               "TOKEN_MALFORMED", "header has `zip`"}),
    Name);

INSTANTIATE_TEST_SUITE_P(
    KeyId, AttackTest,
    testing::Values(
        Attack{"Unknown", [] { return WithKid("k2"); }, "TOKEN_KEY_UNKNOWN",
               "no key \"k2\""},
        Attack{"OtherCase", [] { return WithKid("K1"); }, "TOKEN_KEY_UNKNOWN",
               "no key \"K1\""},
        Attack{"Path", [] { return WithKid("../../../../etc/passwd"); },
               "TOKEN_KEY_UNKNOWN", "etc/passwd"},
        Attack{"DevNull", [] { return WithKid("/dev/null"); },
               "TOKEN_KEY_UNKNOWN", "/dev/null"},
        Attack{"PathToItself", [] { return WithKid("./k1"); },
               "TOKEN_KEY_UNKNOWN", "./k1"},
        Attack{"Sql", [] { return WithKid("k1' OR '1'='1"); },
               "TOKEN_KEY_UNKNOWN", "OR"},
        Attack{"Shell", [] { return WithKid("|touch x"); }, "TOKEN_KEY_UNKNOWN",
               "touch"},
        Attack{"Nul", [] { return WithKid("k1\\u0000x"); }, "TOKEN_MALFORMED",
               "control characters"},
        Attack{"Newline", [] { return WithKid("k1\\n"); }, "TOKEN_MALFORMED",
               "control characters"},
        Attack{"Number",
               [] { return WithHeader(R"({"alg":"ES256","kid":1})"); },
               "TOKEN_MALFORMED", "`kid`"},
        Attack{"Long", [] { return WithKid(std::string(300, 'k')); },
               "TOKEN_MALFORMED", "256 octets"},
        Attack{"AbsentWithSeveralKeys",
               [] { return WithHeader(R"({"alg":"ES256"})"); },
               "TOKEN_KEY_UNKNOWN", "names no key"}),
    Name);

INSTANTIATE_TEST_SUITE_P(
    Signature, AttackTest,
    testing::Values(
        Attack{"Stripped", [] { return Input(Good()) + "."; },
               "TOKEN_MALFORMED", "no signature"},
        Attack{"StrippedWithItsDot", [] { return Input(Good()); },
               "TOKEN_MALFORMED", "2 parts"},
        Attack{"Truncated",
               [] {
                 const std::string token = Good();
                 return WithSignature(Input(token),
                                      SignatureOf(token).substr(0, 63));
               },
               "TOKEN_SIGNATURE", "63 octets"},
        Attack{"LongerByAZero",
               [] {
                 const std::string token = Good();
                 return WithSignature(Input(token), SignatureOf(token) + '\0');
               },
               "TOKEN_SIGNATURE", "65 octets"},
        Attack{"WiderNumbers",
               [] {
                 const std::string token = Good();
                 const std::string octets = SignatureOf(token);
                 const std::string zero(1, '\0');
                 return WithSignature(Input(token),
                                      absl::StrCat(zero, octets.substr(0, 32),
                                                   zero, octets.substr(32)));
               },
               "TOKEN_SIGNATURE", "66 octets"},
        Attack{"RsaShorter",
               [] {
                 const std::string token =
                     Signed(TheWorld().ci_rsa, "RS256", Header("RS256", "rsa"));
                 return WithSignature(Input(token),
                                      SignatureOf(token).substr(1));
               },
               "TOKEN_SIGNATURE", "not of its issuer's key"},
        Attack{"Padded", [] { return Good() + "=="; }, "TOKEN_MALFORMED",
               "not base64url"},
        Attack{"OfAnotherToken",
               [] {
                 return WithSignature(Input(Good({{"sub", "root"}})),
                                      SignatureOf(Good()));
               },
               "TOKEN_SIGNATURE", "not of its issuer's key"},
        Attack{"OtherClaimsSameSignature",
               [] {
                 const std::string token = Good();
                 const std::vector<std::string> parts =
                     absl::StrSplit(token, '.');
                 return absl::StrCat(parts[0], ".",
                                     base::Base64UrlEncode(CompactJson(
                                         Claims({{"sub", "root"}}))),
                                     ".", parts[2]);
               },
               "TOKEN_SIGNATURE", "not of its issuer's key"},
        Attack{"OtherHeaderSameSignature",
               [] {
                 const std::string token = Good();
                 const std::vector<std::string> parts =
                     absl::StrSplit(token, '.');
                 return absl::StrCat(
                     base::Base64UrlEncode(
                         R"({"alg":"ES256","kid":"k1","typ":"jwt"})"),
                     ".", parts[1], ".", parts[2]);
               },
               "TOKEN_SIGNATURE", "not of its issuer's key"}),
    Name);

INSTANTIATE_TEST_SUITE_P(
    Text, AttackTest,
    testing::Values(
        Attack{"AudienceTwice", [] { return GoodText(R"(,"aud":"x")"); },
               "TOKEN_MALFORMED", "not strict JSON"},
        Attack{"SubjectTwiceEscaped",
               [] { return GoodText(R"(,"\u0073ub":"root")"); },
               "TOKEN_MALFORMED", "not strict JSON"},
        Attack{"AlgTwice",
               [] {
                 return WithHeader(
                     R"({"alg":"none","kid":"k1","alg":"ES256"})");
               },
               "TOKEN_MALFORMED", "header is not strict JSON"},
        Attack{"Huge",
               [] {
                 return Good({{"x", std::string(1 << 20, 'x')}});
               },
               "TOKEN_MALFORMED", "at most 16384"},
        Attack{"JustTooLong",
               [] {
                 return Good({{"x", std::string(12 << 10, 'x')}});
               },
               "TOKEN_MALFORMED", "at most 16384"},
        Attack{"Deep",
               [] {
                 return GoodText(absl::StrCat(",\"x\":", std::string(5000, '['),
                                              std::string(5000, ']')));
               },
               "TOKEN_MALFORMED", "deeper than 8"},
        Attack{"DeepHeader",
               [] {
                 return HeaderWith(absl::StrCat("\"x\":", std::string(9, '['),
                                                std::string(9, ']')));
               },
               "TOKEN_MALFORMED", "deeper than 8"},
        Attack{"InvalidUtf8",
               [] { return GoodText(",\"sub2\":\"ann\xc0\xaf\""); },
               "TOKEN_MALFORMED", "not strict JSON"},
        Attack{"Utf16",
               [] {
                 return TheWorld().ci.RawToken(TheWorld().ci.Header(),
                                               std::string("{\0}\0", 4));
               },
               "TOKEN_MALFORMED", "not strict JSON"},
        Attack{"Nested",
               [] {
                 return TheWorld().ci.RawToken(TheWorld().ci.Header(), Good());
               },
               "TOKEN_MALFORMED", "payload is not strict JSON"},
        Attack{"NestedByContentType",
               [] { return HeaderWith(R"("cty":"JWT")"); }, "TOKEN_MALFORMED",
               "another token"},
        Attack{"Encrypted", [] { return absl::StrCat(Good(), ".AAAA.AAAA"); },
               "TOKEN_MALFORMED", "encrypted"},
        Attack{"EncryptedHeader", [] { return HeaderWith(R"("enc":"A")"); },
               "TOKEN_MALFORMED", "header has `enc`"},
        Attack{"TwoTokens", [] { return Good() + "," + Good(); },
               "TOKEN_MALFORMED", "five parts"},
        Attack{"BlankInside", [] { return Good() + " "; }, "TOKEN_MALFORMED",
               "not base64url"},
        Attack{"LogoutToken",
               [] { return HeaderWith(R"("typ":"logout+jwt")"); },
               "TOKEN_MALFORMED", "`typ` is \"logout+jwt\""},
        Attack{"ProofToken", [] { return HeaderWith(R"("typ":"dpop+jwt")"); },
               "TOKEN_MALFORMED", "`typ` is \"dpop+jwt\""},
        Attack{"TypeOfSvidsElsewhere",
               [] { return HeaderWith(R"("typ":"JOSE")"); }, "TOKEN_MALFORMED",
               "`typ` is \"JOSE\""}),
    Name);

INSTANTIATE_TEST_SUITE_P(
    Issuer, AttackTest,
    testing::Values(
        Attack{"Absent",
               [] {
                 return Good({{"iss", nullptr}});
               },
               "TOKEN_ISSUER_UNKNOWN", "no `iss`"},
        Attack{"Empty",
               [] {
                 return Good({{"iss", ""}});
               },
               "TOKEN_ISSUER_UNKNOWN", "not configured"},
        Attack{"Number",
               [] {
                 return Good({{"iss", 1}});
               },
               "TOKEN_ISSUER_UNKNOWN", "no text"},
        Attack{"List",
               [] {
                 return Good({{"iss", Json(Json::Array{kUrl})}});
               },
               "TOKEN_ISSUER_UNKNOWN", "no text"},
        Attack{"TrailingSlash",
               [] {
                 return Good({{"iss", "https://ci.example/"}});
               },
               "TOKEN_ISSUER_UNKNOWN", "https://ci.example/"},
        Attack{"OtherCase",
               [] {
                 return Good({{"iss", "https://CI.example"}});
               },
               "TOKEN_ISSUER_UNKNOWN", "compared exactly"},
        Attack{"Longer",
               [] {
                 return Good({{"iss", "https://ci.example.evil"}});
               },
               "TOKEN_ISSUER_UNKNOWN", "not configured"},
        Attack{"Shorter",
               [] {
                 return Good({{"iss", "https://ci.exampl"}});
               },
               "TOKEN_ISSUER_UNKNOWN", "not configured"},
        Attack{"PortSaid",
               [] {
                 return Good({{"iss", "https://ci.example:443"}});
               },
               "TOKEN_ISSUER_UNKNOWN", "not configured"},
        Attack{
            "Nul",
            [] {
              return Good({{"iss", std::string("https://ci.example\0", 19)}});
            },
            "TOKEN_ISSUER_UNKNOWN", "\\x00"},
        Attack{"TrustDomainAsIssuer",
               [] {
                 return Good({{"iss", kTrustDomain}});
               },
               "TOKEN_ISSUER_UNKNOWN", "not configured"}),
    Name);

INSTANTIATE_TEST_SUITE_P(
    Audience, AttackTest,
    testing::Values(
        Attack{"Absent",
               [] {
                 return Good({{"aud", nullptr}});
               },
               "TOKEN_AUDIENCE", "it has no `aud`"},
        Attack{"Other",
               [] {
                 return Good({{"aud", "sts.amazonaws.com"}});
               },
               "TOKEN_AUDIENCE", "with the audience \"countersign\""},
        Attack{"Empty",
               [] {
                 return Good({{"aud", ""}});
               },
               "TOKEN_AUDIENCE", "`aud` is \"\""},
        Attack{"EmptyList",
               [] {
                 return Good({{"aud", Json(Json::Array())}});
               },
               "TOKEN_AUDIENCE", "ask its issuer"},
        Attack{"ForeignList",
               [] {
                 return Good({{"aud", Json(Json::Array{"a", "b"})}});
               },
               "TOKEN_AUDIENCE", "\"a\", \"b\""},
        Attack{"Longer",
               [] {
                 return Good({{"aud", "countersign-test"}});
               },
               "TOKEN_AUDIENCE", "countersign-test"},
        Attack{"OtherCase",
               [] {
                 return Good({{"aud", "Countersign"}});
               },
               "TOKEN_AUDIENCE", "Countersign"},
        Attack{"Number",
               [] {
                 return Good({{"aud", 5}});
               },
               "TOKEN_AUDIENCE", "no text or list of texts"},
        Attack{
            "Object",
            [] {
              return Good({{"aud", Json(Json::Object{{"countersign", true}})}});
            },
            "TOKEN_AUDIENCE", "no text or list of texts"},
        Attack{"MixedList",
               [] {
                 return Good({{"aud", Json(Json::Array{"countersign", 1})}});
               },
               "TOKEN_AUDIENCE", "no text or list of texts"},
        Attack{"JoinedByBlanks",
               [] {
                 return Good({{"aud", "x countersign"}});
               },
               "TOKEN_AUDIENCE", "x countersign"}),
    Name);

constexpr int64_t kSeconds = 1767225600;

INSTANTIATE_TEST_SUITE_P(
    Times, AttackTest,
    testing::Values(
        Attack{"Expired",
               [] {
                 return Good({{"exp", kSeconds - 30}});
               },
               "TOKEN_EXPIRED", "fetch a new one"},
        Attack{"NotYetValid",
               [] {
                 return Good({{"nbf", kSeconds + 31}});
               },
               "TOKEN_NOT_YET_VALID", "compare the clocks"},
        Attack{"IssuedInTheFuture",
               [] {
                 return Good({{"iat", kSeconds + 31}});
               },
               "TOKEN_NOT_YET_VALID", "compare the clocks"},
        Attack{"LivesTooLong",
               [] {
                 return Good({{"exp", kSeconds + 3601}});
               },
               "TOKEN_TOO_OLD", "at most 1h"},
        Attack{"LivesTooLongSinceNotBefore",
               [] {
                 return Good({{"iat", nullptr}, {"exp", kSeconds + 3601}});
               },
               "TOKEN_TOO_OLD", "at most 1h"},
        Attack{"LivesTooLongFromNow",
               [] {
                 return Good({{"iat", nullptr},
                              {"nbf", nullptr},
                              {"exp", kSeconds + 3601}});
               },
               "TOKEN_TOO_OLD", "at most 1h"},
        Attack{"NoEnd",
               [] {
                 return Good({{"exp", nullptr}});
               },
               "TOKEN_CLAIM", "no `exp`"},
        Attack{"EndNull", [] { return GoodText(R"(,"exp":null)"); },
               "TOKEN_MALFORMED", "not strict JSON"},
        Attack{"EndText",
               [] {
                 return Good({{"exp", "1767226200"}});
               },
               "TOKEN_MALFORMED", "`exp` is no number"},
        Attack{"EndNegative",
               [] {
                 return Good({{"exp", -1}});
               },
               "TOKEN_MALFORMED", "`exp` is no number"},
        Attack{"EndZero",
               [] {
                 return Good({{"exp", 0}});
               },
               "TOKEN_EXPIRED", "1970-01-01"},
        Attack{"EndHuge",
               [] {
                 return Good({{"exp", 1e18}});
               },
               "TOKEN_MALFORMED", "`exp` is no number"},
        Attack{"EndMilliseconds",
               [] {
                 return Good({{"exp", (kSeconds + 600) * 1000}});
               },
               "TOKEN_MALFORMED", "`exp` is no number"},
        Attack{"EndInTheYear9999",
               [] {
                 return Good({{"exp", 253402300799.0}});
               },
               "TOKEN_TOO_OLD", "at most 1h"},
        Attack{"EndList",
               [] {
                 return Good({{"exp", Json(Json::Array{kSeconds + 600})}});
               },
               "TOKEN_MALFORMED", "`exp` is no number"},
        Attack{"BeginText",
               [] {
                 return Good({{"nbf", "0"}});
               },
               "TOKEN_MALFORMED", "`nbf` is no number"},
        Attack{"IssueTrue",
               [] {
                 return Good({{"iat", true}});
               },
               "TOKEN_MALFORMED", "`iat` is no number"},
        Attack{"IssueHuge",
               [] {
                 return Good({{"iat", 1e300}});
               },
               "TOKEN_MALFORMED", "`iat` is no number"}),
    Name);

INSTANTIATE_TEST_SUITE_P(
    Claims, AttackTest,
    testing::Values(Attack{"NoSubject",
                           [] {
                             return Good({{"sub", nullptr}});
                           },
                           "TOKEN_CLAIM", "no `sub`"},
                    Attack{"SubjectEmpty",
                           [] {
                             return Good({{"sub", ""}});
                           },
                           "TOKEN_CLAIM", "no `sub`"},
                    Attack{"SubjectList",
                           [] {
                             return Good({{"sub", Json(Json::Array{"ann"})}});
                           },
                           "TOKEN_CLAIM", "no `sub`"},
                    Attack{"SubjectTrue",
                           [] {
                             return Good({{"sub", true}});
                           },
                           "TOKEN_CLAIM", "no `sub`"},
                    Attack{"SubjectInexact",
                           [] {
                             return Good({{"sub", 1e17}});
                           },
                           "TOKEN_CLAIM", "no `sub`"},
                    Attack{"SubjectNewline",
                           [] {
                             return Good({{"sub", "ann\nroot"}});
                           },
                           "TOKEN_CLAIM", "control characters"},
                    Attack{"SubjectReversed",
                           [] {
                             return Good({{"sub", "ann\u202etoor"}});
                           },
                           "TOKEN_CLAIM", "control characters"},
                    Attack{"SubjectLong",
                           [] {
                             return Good({{"sub", std::string(1100, 'a')}});
                           },
                           "TOKEN_CLAIM", "too long"},
                    Attack{"RequiredAbsent",
                           [] {
                             return Good({{"team", nullptr}});
                           },
                           "TOKEN_CLAIM", "team"},
                    Attack{"RequiredOther",
                           [] {
                             return Good({{"team", "acme-evil"}});
                           },
                           "TOKEN_CLAIM", "team"},
                    Attack{"RequiredCase",
                           [] {
                             return Good({{"team", "ACME"}});
                           },
                           "TOKEN_CLAIM", "team"},
                    Attack{"RevokedById",
                           [] {
                             return Good({{"jti", "stolen"}});
                           },
                           "TOKEN_REVOKED", "`jti`"},
                    Attack{"RevokedByTime",
                           [] {
                             return Good({{"iat", kSeconds - 1801}});
                           },
                           "TOKEN_REVOKED",
                           "issued before 2025-12-31T23:30:00"},
                    Attack{"RevokedByTimeUntold",
                           [] {
                             return Good({{"iat", nullptr}, {"nbf", nullptr}});
                           },
                           "TOKEN_REVOKED", "issued before"}),
    Name);

INSTANTIATE_TEST_SUITE_P(
    Binding, AttackTest,
    testing::Values(
        Attack{"NoneWhereOneIsNeeded",
               [] {
                 const TestingIssuer& issuer = TheWorld().foreign;
                 return issuer.Token(kNow, {{"team", "acme"}});
               },
               "TOKEN_NOT_BOUND", "x5t#S256"},
        Attack{"ToAKey",
               [] {
                 return Bound(Json(Json::Object{{"jkt", "AA"}}));
               },
               "TOKEN_NOT_BOUND", "something else"},
        Attack{"ToACertificateAndAKey",
               [] {
                 return Bound(Json(Json::Object{
                     {"x5t#S256", base::Base64UrlEncode(base::Sha256("c"))},
                     {"jkt", "AA"}}));
               },
               "TOKEN_NOT_BOUND", "something else"},
        Attack{"Empty", [] { return Bound(Json(Json::Object())); },
               "TOKEN_NOT_BOUND", "something else"},
        Attack{"Text", [] { return Bound("x5t#S256"); }, "TOKEN_NOT_BOUND",
               "something else"},
        Attack{
            "Sha1",
            [] {
              return Bound(Json(Json::Object{
                  {"x5t#S256", base::Base64UrlEncode(std::string(20, 'a'))}}));
            },
            "TOKEN_NOT_BOUND", "something else"},
        Attack{"Hex",
               [] {
                 return Bound(Json(Json::Object{
                     {"x5t#S256", base::HexEncode(base::Sha256("c"))}}));
               },
               "TOKEN_NOT_BOUND", "something else"},
        Attack{"KeyWhereNoneIsNeeded",
               [] {
                 return Good({{"cnf", Json(Json::Object{{"kid", "a"}})}});
               },
               "TOKEN_NOT_BOUND", "something else"}),
    Name);

INSTANTIATE_TEST_SUITE_P(
    Spiffe, AttackTest,
    testing::Values(
        Attack{"OtherTrustDomain",
               [] { return Svid("spiffe://evil.example/ci"); },
               "TOKEN_ISSUER_UNKNOWN", "trust domain"},
        Attack{"LongerTrustDomain",
               [] { return Svid("spiffe://acme.example.evil/ci"); },
               "TOKEN_ISSUER_UNKNOWN", "trust domain"},
        Attack{"UserBeforeTrustDomain",
               [] { return Svid("spiffe://x@acme.example/ci"); },
               "TOKEN_ISSUER_UNKNOWN", "trust domain"},
        Attack{"PortAfterTrustDomain",
               [] { return Svid("spiffe://acme.example:1/ci"); },
               "TOKEN_ISSUER_UNKNOWN", "trust domain"},
        Attack{"OtherCase", [] { return Svid("SPIFFE://acme.example/ci"); },
               "TOKEN_ISSUER_UNKNOWN", "trust domain"},
        Attack{"TrustDomainAlone", [] { return Svid("spiffe://acme.example"); },
               "TOKEN_ISSUER_UNKNOWN", "trust domain"},
        Attack{"RootPath", [] { return Svid("spiffe://acme.example/"); },
               "TOKEN_CLAIM", "`sub`"},
        Attack{"ParentInPath",
               [] { return Svid("spiffe://acme.example/a/../ci"); },
               "TOKEN_CLAIM", "`sub`"},
        Attack{"EmptySegment", [] { return Svid("spiffe://acme.example//ci"); },
               "TOKEN_CLAIM", "`sub`"},
        Attack{"PercentEncoded",
               [] { return Svid("spiffe://acme.example/c%69"); }, "TOKEN_CLAIM",
               "`sub`"},
        Attack{"Query", [] { return Svid("spiffe://acme.example/ci?a=b"); },
               "TOKEN_CLAIM", "`sub`"},
        Attack{"AccessToken",
               [] { return Svid("spiffe://acme.example/ci", {}, "at+jwt"); },
               "TOKEN_MALFORMED", "JWT, JOSE or none"},
        Attack{"NoAudience",
               [] {
                 return Svid("spiffe://acme.example/ci", {{"aud", nullptr}});
               },
               "TOKEN_AUDIENCE", "no `aud`"},
        Attack{"EdDsa",
               [] {
                 const std::string input = SigningInput(
                     R"({"alg":"EdDSA","kid":"k1"})",
                     CompactJson(TheWorld().mesh.Claims(
                         kNow, {{"iss", nullptr},
                                {"sub", "spiffe://acme.example/ci"}})));
                 return WithSignature(
                     input, TheWorld().ci_edwards.Sign("EdDSA", input));
               },
               "TOKEN_ALGORITHM", "EdDSA"}),
    Name);

}  // namespace
}  // namespace countersign::auth
