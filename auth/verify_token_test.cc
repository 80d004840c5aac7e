// What good tokens give, and what is asked again. Bad ones stand in
// token_attack_test.cc.
#include "auth/verify_token.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "auth/testing_issuer.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/openssl.h"
#include "base/status_matchers.h"
#include "core/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::auth {
namespace {

using base::HasReason;
using base::Json;
using base::StatusIs;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr absl::Time kNow = absl::FromUnixSeconds(1767225600);  // 2026-01-01
constexpr char kUrl[] = "https://ci.example";

std::set<TokenAlgorithm> EveryAlgorithm() {
  const std::vector<TokenAlgorithm> all = AllTokenAlgorithms();
  return {all.begin(), all.end()};
}

TokenIssuer Issuer() {
  TokenIssuer issuer;
  issuer.name = "ci";
  issuer.issuer = kUrl;
  issuer.audiences = {"countersign"};
  issuer.algorithms = EveryAlgorithm();
  return issuer;
}

TokenIssuer SpiffeIssuer() {
  TokenIssuer issuer = Issuer();
  issuer.name = "mesh";
  issuer.issuer = "spiffe://acme.example";
  issuer.spiffe = true;
  return issuer;
}

// The keys of one issuer, and what was asked of them.
class Keys {
 public:
  explicit Keys(const std::string& jwks)
      : set_(std::make_shared<const KeySet>(ParseKeySet(jwks).value())) {}

  FindKeys Find() {
    return [this](const std::string& name, absl::string_view missing)
               -> absl::StatusOr<std::shared_ptr<const KeySet>> {
      asked_.push_back(absl::StrCat(name, " ", missing));
      if (!missing.empty() && !on_missing_.ok()) return on_missing_;
      return set_;
    };
  }
  void OnMissing(absl::Status status) { on_missing_ = std::move(status); }
  const KeySet& set() const { return *set_; }
  const std::vector<std::string>& asked() const { return asked_; }

 private:
  std::shared_ptr<const KeySet> set_;
  absl::Status on_missing_ = absl::OkStatus();
  std::vector<std::string> asked_;
};

const TestingIssuer& Es256() {
  static const TestingIssuer& issuer = *new TestingIssuer(kUrl);
  return issuer;
}

absl::StatusOr<VerifiedToken> Verify(const TokenIssuer& issuer,
                                     const Json::Object& claims,
                                     absl::Time now = kNow) {
  Keys keys(Es256().Jwks());
  return VerifyToken(Es256().Token(kNow, claims), {issuer}, keys.Find(), now);
}

class AlgorithmTest : public testing::TestWithParam<TokenAlgorithm> {};

TEST_P(AlgorithmTest, IsVerified) {
  const TestingIssuer issuer(kUrl, std::string(ToString(GetParam())));
  Keys keys(issuer.Jwks());
  for (int i = 0; i < 8; ++i) {
    const std::string token = issuer.Token(kNow, {{"i", i}});
    const auto verified = VerifyToken(token, {Issuer()}, keys.Find(), kNow);
    ASSERT_OK(verified);
    EXPECT_EQ(verified->algorithm, GetParam());
    std::string other = token;
    // Each octet of a signature counts.
    char& c = other[other.size() - 5 - static_cast<size_t>(i) * 3];
    c = c == 'A' ? 'B' : 'A';
    EXPECT_THAT(VerifyToken(other, {Issuer()}, keys.Find(), kNow),
                HasReason("TOKEN_SIGNATURE"));
  }
}

INSTANTIATE_TEST_SUITE_P(All, AlgorithmTest,
                         testing::ValuesIn(AllTokenAlgorithms()),
                         [](const auto& info) {
                           return std::string(ToString(info.param));
                         });

TEST(VerifyTokenTest, GivesWhatTheTokenProves) {
  TokenIssuer issuer = Issuer();
  issuer.recorded_claims = {"repository", "run", "/a/b", "absent", "list"};
  const std::string token =
      Es256().Token(kNow, {{"repository", "acme/app"},
                           {"run", 7},
                           {"a", Json(Json::Object{{"b", true}})},
                           {"list", Json(Json::Array{"x", 1})},
                           {"secret", "s"}});
  Keys keys(Es256().Jwks());
  ASSERT_OK_AND_ASSIGN(const VerifiedToken verified,
                       VerifyToken(token, {issuer}, keys.Find(), kNow));
  EXPECT_EQ(verified.issuer_name, "ci");
  EXPECT_EQ(verified.issuer, kUrl);
  EXPECT_EQ(verified.subject, "token:ann");
  EXPECT_EQ(verified.fingerprint, base::HexEncode(base::Sha256(token)));
  EXPECT_EQ(verified.key_id, "k1");
  EXPECT_EQ(verified.key_thumbprint, keys.set().keys()[0].thumbprint);
  EXPECT_EQ(verified.id, "id-1767225600");
  EXPECT_EQ(verified.issue_time, kNow);
  EXPECT_EQ(verified.expire_time, kNow + absl::Minutes(10));
  EXPECT_EQ(verified.recorded,
            (std::map<std::string, std::string>{{"repository", "acme/app"},
                                                {"run", "7"},
                                                {"/a/b", "true"},
                                                {"list", R"(["x",1])"}}));
  EXPECT_EQ(verified.claims.Find("secret")->string(), "s");
  EXPECT_EQ(verified.bound_certificate, "");
}

TEST(VerifyTokenTest, TakesTheTypesOfTokensForCallers) {
  Keys keys(Es256().Jwks());
  const std::string claims = CompactJson(Es256().Claims(kNow));
  for (const char* type : {"JWT", "jwt", "application/jwt", "at+jwt", "AT+JWT",
                           "application/at+jwt"}) {
    const std::string header =
        absl::StrCat(R"({"alg":"ES256","kid":"k1","typ":")", type, "\"}");
    EXPECT_OK(VerifyToken(Es256().RawToken(header, claims), {Issuer()},
                          keys.Find(), kNow))
        << type;
  }
  EXPECT_OK(
      VerifyToken(Es256().RawToken(R"({"alg":"ES256","kid":"k1"})", claims),
                  {Issuer()}, keys.Find(), kNow));
}

TEST(VerifyTokenTest, JoinsTheClaimsOfASubject) {
  TokenIssuer issuer = Issuer();
  issuer.subject_claims = {"tid", "oid"};
  ASSERT_OK_AND_ASSIGN(VerifiedToken verified,
                       Verify(issuer, {{"tid", "t"}, {"oid", "o/p"}}));
  EXPECT_EQ(verified.subject, "token:t/o/p");
  // It would be "t/o/p" as well.
  EXPECT_THAT(Verify(issuer, {{"tid", "t/o"}, {"oid", "p"}}),
              AllOf(HasReason("TOKEN_CLAIM"),
                    StatusIs(absl::StatusCode::kUnauthenticated,
                             HasSubstr("`tid` has a \"/\""))));
  issuer.subject_claims = {"/google/id"};
  ASSERT_OK_AND_ASSIGN(
      verified, Verify(issuer, {{"google", Json(Json::Object{{"id", 12}})}}));
  EXPECT_EQ(verified.subject, "token:12");
}

TEST(VerifyTokenTest, FindsOurAudienceAmongForeignOnes) {
  EXPECT_OK(Verify(Issuer(), {{"aud", Json(Json::Array{"x", "countersign"})}}));
  TokenIssuer issuer = Issuer();
  issuer.audiences = {"a", "b"};
  EXPECT_OK(Verify(issuer, {{"aud", "b"}}));
}

TEST(VerifyTokenTest, AllowsForClocksThatDiffer) {
  EXPECT_OK(Verify(Issuer(), {}, kNow + absl::Seconds(629)));
  EXPECT_THAT(Verify(Issuer(), {}, kNow + absl::Seconds(630)),
              HasReason("TOKEN_EXPIRED"));
  EXPECT_OK(Verify(Issuer(), {}, kNow - absl::Seconds(30)));
  EXPECT_THAT(Verify(Issuer(), {}, kNow - absl::Seconds(31)),
              HasReason("TOKEN_NOT_YET_VALID"));
}

TEST(VerifyTokenTest, TakesTimesInFractionsAndWithoutBeginning) {
  EXPECT_OK(Verify(Issuer(), {{"exp", 1767225660.5}}));
  ASSERT_OK_AND_ASSIGN(VerifiedToken verified,
                       Verify(Issuer(), {{"iat", nullptr}}));
  EXPECT_EQ(verified.issue_time, kNow);  // of nbf
  ASSERT_OK_AND_ASSIGN(verified,
                       Verify(Issuer(), {{"iat", nullptr}, {"nbf", nullptr}}));
  EXPECT_EQ(verified.issue_time, absl::InfinitePast());
}

TEST(VerifyTokenTest, ReadsTheCertificateThatItIsBoundTo) {
  const std::string digest = base::Sha256("certificate");
  TokenIssuer issuer = Issuer();
  issuer.require_bound = true;
  ASSERT_OK_AND_ASSIGN(
      const VerifiedToken verified,
      Verify(issuer,
             {{"cnf", Json(Json::Object{
                          {"x5t#S256", base::Base64UrlEncode(digest)}})}}));
  EXPECT_EQ(verified.bound_certificate, base::HexEncode(digest));
}

TEST(VerifyTokenTest, TakesRequiredClaimsOfLists) {
  TokenIssuer issuer = Issuer();
  issuer.required_claims = {{"roles", {"sign"}, {}}};
  EXPECT_OK(Verify(issuer, {{"roles", Json(Json::Array{"read", "sign"})}}));
  EXPECT_OK(Verify(issuer, {{"roles", "sign"}}));
}

TEST(VerifyTokenTest, KnowsJwtSvids) {
  const TestingIssuer issuer("https://oidc.acme.example");
  Keys keys(issuer.Jwks());
  for (const char* typ : {R"(,"typ":"JOSE")", R"(,"typ":"JWT")", ""}) {
    ASSERT_OK_AND_ASSIGN(
        const VerifiedToken verified,
        VerifyToken(
            issuer.RawToken(
                absl::StrCat(R"({"alg":"ES256","kid":"k1")", typ, "}"),
                CompactJson(issuer.Claims(
                    kNow, {{"sub", "spiffe://acme.example/ci/build"}}))),
            {Issuer(), SpiffeIssuer()}, keys.Find(), kNow));
    EXPECT_EQ(verified.issuer_name, "mesh");
    EXPECT_EQ(verified.issuer, "spiffe://acme.example");
    EXPECT_EQ(verified.subject, "spiffe://acme.example/ci/build");
  }
  EXPECT_THAT(keys.asked(), ElementsAre("mesh ", "mesh ", "mesh "));
}

TEST(VerifyTokenTest, AnIssuerCannotSpeakForATrustDomain) {
  // A configured `iss` decides, and its subjects are never SPIFFE IDs.
  Keys keys(Es256().Jwks());
  ASSERT_OK_AND_ASSIGN(
      const VerifiedToken verified,
      VerifyToken(Es256().Token(kNow, {{"sub", "spiffe://acme.example/ci"}}),
                  {SpiffeIssuer(), Issuer()}, keys.Find(), kNow));
  EXPECT_EQ(verified.issuer_name, "ci");
  EXPECT_EQ(verified.subject, "token:spiffe://acme.example/ci");
}

TEST(VerifyTokenTest, AsksForKeysThatAreMissing) {
  Keys keys(TestingIssuer(kUrl, "ES256", "other").Jwks());
  const std::string token = Es256().Token(kNow);
  EXPECT_THAT(VerifyToken(token, {Issuer()}, keys.Find(), kNow),
              AllOf(HasReason("TOKEN_KEY_UNKNOWN"),
                    StatusIs(absl::StatusCode::kUnauthenticated,
                             HasSubstr("no key \"k1\""))));
  EXPECT_THAT(keys.asked(), ElementsAre("ci ", "ci k1"));
  keys.OnMissing(
      core::error::IssuerKeysUnavailable("ci", "fetching", absl::Seconds(1)));
  EXPECT_THAT(VerifyToken(token, {Issuer()}, keys.Find(), kNow),
              HasReason("ISSUER_KEYS_UNAVAILABLE"));
}

TEST(VerifyTokenTest, AsksForNoKeysOfTokensThatAreCheaplyRefused) {
  Keys keys(Es256().Jwks());
  for (const Json::Object& claims : std::vector<Json::Object>{
           {{"aud", "x"}}, {{"exp", 1}}, {{"iss", "x"}}}) {
    EXPECT_THAT(
        VerifyToken(Es256().Token(kNow, claims), {Issuer()}, keys.Find(), kNow),
        base::HasCode(absl::StatusCode::kUnauthenticated));
  }
  EXPECT_THAT(keys.asked(), IsEmpty());
}

TEST(VerifyTokenTest, TakesTheOnlyKeyWhereNoneIsNamed) {
  Keys keys(Es256().Jwks());
  EXPECT_OK(VerifyToken(
      Es256().RawToken(R"({"alg":"ES256"})", CompactJson(Es256().Claims(kNow))),
      {Issuer()}, keys.Find(), kNow));
}

class CheckAgainTest : public testing::Test {
 protected:
  Keys keys_{Es256().Jwks()};
  VerifiedToken token_ = Verify(Issuer(), {}).value();
};

TEST_F(CheckAgainTest, FollowsTheClockBothWays) {
  EXPECT_OK(CheckAgain(token_, Issuer(), keys_.set(), kNow));
  EXPECT_THAT(CheckAgain(token_, Issuer(), keys_.set(), kNow + absl::Hours(1)),
              HasReason("TOKEN_EXPIRED"));
  EXPECT_THAT(CheckAgain(token_, Issuer(), keys_.set(), kNow - absl::Hours(1)),
              HasReason("TOKEN_NOT_YET_VALID"));
  EXPECT_OK(CheckAgain(token_, Issuer(), keys_.set(), kNow));
}

TEST_F(CheckAgainTest, KnowsRevocation) {
  TokenIssuer issuer = Issuer();
  issuer.revoked_ids = {"other", "id-1767225600"};
  EXPECT_THAT(CheckAgain(token_, issuer, keys_.set(), kNow),
              HasReason("TOKEN_REVOKED"));
  issuer = Issuer();
  issuer.revoked_before = kNow;
  EXPECT_OK(CheckAgain(token_, issuer, keys_.set(), kNow));
  issuer.revoked_before = kNow + absl::Seconds(1);
  EXPECT_THAT(CheckAgain(token_, issuer, keys_.set(), kNow),
              HasReason("TOKEN_REVOKED"));
}

TEST_F(CheckAgainTest, MissesAKeyThatHasGone) {
  EXPECT_THAT(CheckAgain(token_, Issuer(), KeySet(), kNow),
              HasReason("TOKEN_KEY_UNKNOWN"));
  // Another key of the same id.
  const Keys other(TestingIssuer(kUrl).Jwks());
  EXPECT_THAT(CheckAgain(token_, Issuer(), other.set(), kNow),
              HasReason("TOKEN_KEY_UNKNOWN"));
  // The key is still there, for something else.
  std::vector<IssuerKey> narrowed = keys_.set().keys();
  narrowed[0].algorithms = {TokenAlgorithm::kEs384};
  EXPECT_THAT(CheckAgain(token_, Issuer(), KeySet(narrowed), kNow),
              HasReason("TOKEN_ALGORITHM"));
}

}  // namespace
}  // namespace countersign::auth
