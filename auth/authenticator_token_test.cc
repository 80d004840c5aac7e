// Tokens, alone and beside a certificate: who they are, what is remembered of
// them, and what ends that.
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "auth/authenticator.h"
#include "auth/group_rules.h"
#include "auth/issuer_keys.h"
#include "auth/json_web_token.h"
#include "auth/testing_ca.h"
#include "auth/testing_issuer.h"
#include "auth/token_issuer.h"
#include "base/encoding.h"
#include "base/fake_clock.h"
#include "base/json.h"
#include "base/openssl.h"
#include "base/status_matchers.h"
#include "core/principal.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::auth {
namespace {

using base::HasCode;
using base::HasReason;
using base::Json;
using base::StatusIs;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kUrl[] = "https://ci.example";
constexpr char kRunner[] = "spiffe://acme.example/runner";

TokenIssuer Issuer() {
  TokenIssuer issuer;
  issuer.name = "ci";
  issuer.issuer = kUrl;
  issuer.audiences = {"countersign"};
  issuer.algorithms = {TokenAlgorithm::kEs256};
  issuer.recorded_claims = {"repository"};
  return issuer;
}

AccessSnapshot Snapshot(const TokenIssuer& issuer) {
  AccessSnapshot snapshot;
  snapshot.token_issuers = {issuer};
  absl::StatusOr<GroupRules> compiled = GroupRules::Compile(
      {{"signers", {}, {}, "", "ci", {{"repository", {"acme/app"}, {}}}},
       {"approvers", {}, {}, "", "ci", {{"role", {"approver"}, {}}}},
       {"signers", {kRunner}, {}, "", "", {}},
       {"runners", {kRunner}, {}, "", "", {}}},
      snapshot.token_issuers);
  EXPECT_OK(compiled);
  snapshot.group_rules = *std::move(compiled);
  return snapshot;
}

std::shared_ptr<const AccessSnapshot> Shared(AccessSnapshot snapshot) {
  return std::make_shared<const AccessSnapshot>(std::move(snapshot));
}

class AuthenticatorTokenTest : public testing::Test {
 protected:
  AuthenticatorTokenTest()
      : keys_(IssuerKeys::Options(), clock_,
              [this](const TokenIssuer&, const std::function<bool()>&) {
                return IssuerKeys::Fetched{jwks_, kUrl, absl::ZeroDuration()};
              }) {
    keys_.Replace({Issuer()});
    Fetch();
  }

  void Fetch() {
    for (const std::string& name : keys_.TakeDue()) {
      keys_.FetchTaken(name, [](const KeyChange&) { return absl::OkStatus(); });
    }
  }
  void Publish(std::string jwks) {
    jwks_ = std::move(jwks);
    clock_.Advance(absl::Hours(2));
    Fetch();
  }

  absl::Time now() const { return clock_.Now(); }
  std::string Token(const Json::Object& more = {}) const {
    Json::Object claims = {{"repository", "acme/app"}, {"role", "approver"}};
    claims.insert(claims.end(), more.begin(), more.end());
    return issuer_.Token(now(), claims);
  }
  std::string BoundTo(const TestingCertificate& certificate) const {
    return Token({{"cnf", Json(Json::Object{
                              {"x5t#S256", base::Base64UrlEncode(base::Sha256(
                                               certificate.der()))}})}});
  }
  TestingCertificate Certificate(const std::string& uri) const {
    CertificateSpec spec;
    spec.uris = {uri};
    return ca_.Issue(spec);
  }
  absl::StatusOr<Authenticated> Ask(const std::string& token,
                                    const std::string& leaf = "") {
    return authenticator_.Authenticate(CallCredentials{leaf, token}, now());
  }

  base::FakeClock clock_;
  const TestingIssuer issuer_{kUrl};
  const TestingCertificate ca_ = TestingCertificate::SelfSigned(CaSpec("CA"));
  const TestingCertificate runner_ = Certificate(kRunner);
  std::string jwks_ = issuer_.Jwks();
  IssuerKeys keys_;
  Authenticator authenticator_{Shared(Snapshot(Issuer())), 16, &keys_};
};

TEST_F(AuthenticatorTokenTest, MakesAPrincipal) {
  const std::string token = Token();
  ASSERT_OK_AND_ASSIGN(const Authenticated who, Ask(token));
  EXPECT_EQ(who.token_issuer, "ci");
  EXPECT_EQ(who.expire_time, now() + absl::Minutes(10));
  const core::Principal& p = who.principal;
  EXPECT_EQ(p.subject, "token:ann");
  EXPECT_EQ(p.issuer, kUrl);
  EXPECT_EQ(p.credential, core::CredentialKind::kBearerToken);
  EXPECT_EQ(p.credential_fingerprint, base::HexEncode(base::Sha256(token)));
  EXPECT_THAT(p.groups, ElementsAre("approvers", "signers"));
  EXPECT_THAT(p.claims, ElementsAre(std::pair<const std::string, std::string>(
                            "repository", "acme/app")));
  EXPECT_EQ(p.issuer_key.size(), 43u);
  EXPECT_EQ(p.person, "");
  EXPECT_EQ(p.certificate_subject, "");
}

TEST_F(AuthenticatorTokenTest, AnswersTheSameFromMemory) {
  const std::string token = Token();
  ASSERT_OK_AND_ASSIGN(const Authenticated first, Ask(token));
  ASSERT_OK_AND_ASSIGN(const Authenticated second, Ask(token));
  EXPECT_EQ(first.principal, second.principal);
  EXPECT_EQ(first.expire_time, second.expire_time);
  EXPECT_EQ(authenticator_.remembered(), 1u);
}

TEST_F(AuthenticatorTokenTest, DoesNotRememberWhatItRefused) {
  EXPECT_THAT(Ask("hello"), HasReason("TOKEN_MALFORMED"));
  EXPECT_THAT(Ask(Token({{"aud", "x"}})), HasReason("TOKEN_AUDIENCE"));
  EXPECT_THAT(Ask(std::string(kMaxTokenSize + 1, 'a')),
              HasReason("TOKEN_MALFORMED"));
  EXPECT_EQ(authenticator_.remembered(), 0u);
}

TEST_F(AuthenticatorTokenTest, ARememberedTokenIsNoOther) {
  const std::string token = Token();
  ASSERT_OK(Ask(token));
  const size_t dot = token.rfind('.');
  const std::string other = Token({{"role", "none"}});
  EXPECT_THAT(
      Ask(absl::StrCat(other.substr(0, other.rfind('.')), token.substr(dot))),
      HasReason("TOKEN_SIGNATURE"));
  EXPECT_THAT(Ask(token.substr(0, dot + 1)), HasReason("TOKEN_MALFORMED"));
}

TEST_F(AuthenticatorTokenTest, RemembersNoMoreThanItMay) {
  for (int i = 0; i < 20; ++i) ASSERT_OK(Ask(Token({{"n", i}})));
  EXPECT_EQ(authenticator_.remembered(), 16u);
}

TEST_F(AuthenticatorTokenTest, NeedsACredential) {
  EXPECT_THAT(Ask(""), AllOf(HasReason("NO_CREDENTIAL"),
                             HasCode(absl::StatusCode::kUnauthenticated)));
}

TEST_F(AuthenticatorTokenTest, PassesOverTokensWhereNoneAreConfigured) {
  Authenticator without(Shared(AccessSnapshot()), 16, &keys_);
  Authenticator keyless(Shared(Snapshot(Issuer())));
  for (Authenticator* a : {&without, &keyless}) {
    EXPECT_THAT(a->Authenticate(CallCredentials{"", Token()}, now()),
                HasReason("NO_CREDENTIAL"));
    const std::string leaf = runner_.pem();
    ASSERT_OK_AND_ASSIGN(const Authenticated who,
                         a->Authenticate(CallCredentials{leaf, "x"}, now()));
    EXPECT_EQ(who.principal.subject, kRunner);
    EXPECT_EQ(who.token_issuer, "");
  }
}

TEST_F(AuthenticatorTokenTest, RefusesARememberedTokenOnceExpired) {
  const std::string token = Token();
  ASSERT_OK(Ask(token));
  clock_.Advance(absl::Minutes(10) + absl::Seconds(29));
  ASSERT_OK(Ask(token));
  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(Ask(token), HasReason("TOKEN_EXPIRED"));
  EXPECT_EQ(authenticator_.remembered(), 0u);
}

TEST_F(AuthenticatorTokenTest, FollowsAClockThatSteps) {
  const std::string token = Token();
  ASSERT_OK(Ask(token));
  clock_.Advance(-absl::Hours(1));
  EXPECT_THAT(Ask(token), HasReason("TOKEN_NOT_YET_VALID"));
  clock_.Advance(absl::Hours(1));
  ASSERT_OK(Ask(token));
  clock_.Advance(absl::Hours(1));
  EXPECT_THAT(Ask(token), HasReason("TOKEN_EXPIRED"));
  clock_.Advance(-absl::Hours(1));
  ASSERT_OK(Ask(token));
}

TEST_F(AuthenticatorTokenTest, GoesByRevocationAtOnce) {
  const std::string token = Token({{"jti", "a"}});
  ASSERT_OK(Ask(token));
  TokenIssuer issuer = Issuer();
  issuer.revoked_ids = {"a"};
  authenticator_.Replace(Shared(Snapshot(issuer)));
  EXPECT_THAT(Ask(token), HasReason("TOKEN_REVOKED"));
  EXPECT_OK(Ask(Token({{"jti", "b"}})));
  issuer = Issuer();
  issuer.revoked_before = now() + absl::Seconds(1);
  authenticator_.Replace(Shared(Snapshot(issuer)));
  EXPECT_THAT(Ask(token), HasReason("TOKEN_REVOKED"));
  authenticator_.Replace(Shared(Snapshot(Issuer())));
  EXPECT_OK(Ask(token));
}

TEST_F(AuthenticatorTokenTest, GoesByTheNewRulesAtOnce) {
  const std::string token = Token();
  ASSERT_OK(Ask(token));
  TokenIssuer issuer = Issuer();
  issuer.audiences = {"elsewhere"};
  authenticator_.Replace(Shared(Snapshot(issuer)));
  EXPECT_THAT(Ask(token), HasReason("TOKEN_AUDIENCE"));
  issuer = Issuer();
  issuer.require_bound = true;
  authenticator_.Replace(Shared(Snapshot(issuer)));
  EXPECT_THAT(Ask(token), HasReason("TOKEN_NOT_BOUND"));
  AccessSnapshot groupless = Snapshot(Issuer());
  groupless.group_rules = GroupRules();
  authenticator_.Replace(Shared(std::move(groupless)));
  ASSERT_OK_AND_ASSIGN(const Authenticated who, Ask(token));
  EXPECT_THAT(who.principal.groups, IsEmpty());
}

TEST_F(AuthenticatorTokenTest, ForgetsATokenWhoseKeyHasGone) {
  TokenIssuer issuer = Issuer();
  issuer.max_age = absl::Hours(24);
  authenticator_.Replace(Shared(Snapshot(issuer)));
  const std::string token =
      Token({{"exp", absl::ToUnixSeconds(now() + absl::Hours(12))}});
  ASSERT_OK(Ask(token));
  Publish(TestingIssuer(kUrl, "ES256", "k2").Jwks());
  EXPECT_THAT(Ask(token), HasCode(absl::StatusCode::kUnavailable));
  clock_.Advance(absl::Minutes(1));
  Fetch();
  EXPECT_THAT(Ask(token), HasReason("TOKEN_KEY_UNKNOWN"));
  Publish(issuer_.Jwks());
  EXPECT_OK(Ask(token));
  // Another key under the same id.
  Publish(TestingIssuer(kUrl).Jwks());
  EXPECT_THAT(Ask(token), HasReason("TOKEN_SIGNATURE"));
}

TEST_F(AuthenticatorTokenTest, WaitsForKeysThatItHasNotSeen) {
  const TestingIssuer rotated(kUrl, "ES256", "k2");
  const std::string token = rotated.Token(now());
  EXPECT_THAT(Ask(token), HasReason("ISSUER_KEYS_UNAVAILABLE"));
  jwks_ = JwksText({issuer_.key().Jwk("k1"), rotated.key().Jwk("k2")});
  clock_.Advance(absl::Seconds(10));
  Fetch();
  EXPECT_OK(Ask(token));
  EXPECT_OK(Ask(Token()));
}

// --- Beside a certificate

TEST_F(AuthenticatorTokenTest, NeitherWidensTheOther) {
  ASSERT_OK_AND_ASSIGN(const Authenticated both, Ask(Token(), runner_.pem()));
  EXPECT_EQ(both.principal.subject, "token:ann");
  EXPECT_EQ(both.principal.credential, core::CredentialKind::kBearerToken);
  EXPECT_EQ(both.principal.certificate_subject, kRunner);
  EXPECT_THAT(both.principal.groups, ElementsAre("signers"));
  // Each alone, from the same memory.
  ASSERT_OK_AND_ASSIGN(const Authenticated token, Ask(Token()));
  EXPECT_THAT(token.principal.groups, ElementsAre("approvers", "signers"));
  EXPECT_EQ(token.principal.certificate_subject, "");
  ASSERT_OK_AND_ASSIGN(const Authenticated certificate, Ask("", runner_.pem()));
  EXPECT_THAT(certificate.principal.groups, ElementsAre("runners", "signers"));
  EXPECT_EQ(certificate.token_issuer, "");
  EXPECT_EQ(certificate.expire_time, absl::FromUnixSeconds(2051222400));
}

TEST_F(AuthenticatorTokenTest, AStrangersCertificateTakesAllGroups) {
  ASSERT_OK_AND_ASSIGN(
      const Authenticated who,
      Ask(Token(), Certificate("spiffe://acme.example/other").pem()));
  EXPECT_THAT(who.principal.groups, IsEmpty());
}

TEST_F(AuthenticatorTokenTest, ABadCredentialIsNotMadeGoodByTheOther) {
  EXPECT_THAT(Ask("x", runner_.pem()), HasReason("TOKEN_MALFORMED"));
  EXPECT_THAT(Ask(Token(), "x"), HasReason("UNKNOWN_IDENTITY"));
}

TEST_F(AuthenticatorTokenTest, EndsWithTheFirstToEnd) {
  CertificateSpec spec;
  spec.uris = {kRunner};
  spec.not_after = now() + absl::Minutes(1);
  ASSERT_OK_AND_ASSIGN(const Authenticated who,
                       Ask(Token(), ca_.Issue(spec).pem()));
  EXPECT_EQ(who.expire_time, now() + absl::Minutes(1));
}

TEST_F(AuthenticatorTokenTest, ABoundTokenNeedsItsCertificate) {
  const std::string token = BoundTo(runner_);
  // Stolen: without the certificate, and with the thief's.
  EXPECT_THAT(Ask(token), HasReason("TOKEN_NOT_BOUND"));
  EXPECT_THAT(Ask(token, Certificate(kRunner).pem()),
              AllOf(HasReason("TOKEN_NOT_BOUND"),
                    StatusIs(absl::StatusCode::kUnauthenticated,
                             HasSubstr("another client certificate"))));
  EXPECT_OK(Ask(token, runner_.pem()));
  // Remembered by now, and still not the thief's.
  EXPECT_THAT(Ask(token), HasReason("TOKEN_NOT_BOUND"));
  EXPECT_THAT(Ask(token, Certificate(kRunner).pem()),
              HasReason("TOKEN_NOT_BOUND"));
}

// --- Persons

TEST_F(AuthenticatorTokenTest, NamesThePersonOfEither) {
  AccessSnapshot snapshot = Snapshot(Issuer());
  snapshot.policy.people = {{{"token:ann", kUrl}, "ann"},
                            {{kRunner, "CN=CA,O=Example"}, "bob"}};
  authenticator_.Replace(Shared(snapshot));
  ASSERT_OK_AND_ASSIGN(Authenticated who, Ask(Token()));
  EXPECT_EQ(who.principal.person, "ann");
  ASSERT_OK_AND_ASSIGN(who, Ask("", runner_.pem()));
  EXPECT_EQ(who.principal.person, "bob");
  ASSERT_OK_AND_ASSIGN(const core::Principal old,
                       authenticator_.Authenticate(runner_.pem(), now()));
  EXPECT_EQ(old.person, "bob");
  // A token of nobody in particular over bob's connection is bob's.
  ASSERT_OK_AND_ASSIGN(who, Ask(Token({{"sub", "job"}}), runner_.pem()));
  EXPECT_EQ(who.principal.person, "bob");
  // Ann's over bob's is somebody's who should not have one of them.
  EXPECT_THAT(Ask(Token(), runner_.pem()),
              AllOf(HasReason("TOKEN_NOT_BOUND"),
                    StatusIs(absl::StatusCode::kUnauthenticated,
                             HasSubstr("it is of ann"))));
  snapshot.policy.people[{kRunner, "CN=CA,O=Example"}] = "ann";
  authenticator_.Replace(Shared(snapshot));
  EXPECT_OK(Ask(Token(), runner_.pem()));
}

TEST_F(AuthenticatorTokenTest, APersonIsOfOneIssuerOnly) {
  AccessSnapshot snapshot = Snapshot(Issuer());
  snapshot.policy.people = {{{"token:ann", "https://other.example"}, "ann"}};
  authenticator_.Replace(Shared(snapshot));
  ASSERT_OK_AND_ASSIGN(const Authenticated who, Ask(Token()));
  EXPECT_EQ(who.principal.person, "");
}

TEST_F(AuthenticatorTokenTest, ServesManyThreadsWhileAllChanges) {
  const auto rules = Shared(Snapshot(Issuer()));
  TokenIssuer other = Issuer();
  other.revoked_ids = {"x"};
  const auto others = Shared(Snapshot(other));
  std::vector<std::string> tokens;
  for (int i = 0; i < 24; ++i) tokens.push_back(Token({{"n", i}}));
  const absl::Time at = now();
  std::vector<std::thread> threads;
  for (size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (size_t i = 0; i < 200; ++i) {
        const auto who = authenticator_.Authenticate(
            CallCredentials{"", tokens[(i + t * 5) % tokens.size()]}, at);
        ASSERT_OK(who);
        EXPECT_EQ(who->principal.groups.size(), 2u);
      }
    });
  }
  for (int i = 0; i < 50; ++i) {
    authenticator_.Replace(i % 2 == 0 ? others : rules);
    keys_.Replace({i % 2 == 0 ? other : Issuer()});
    Fetch();
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(authenticator_.remembered(), 16u);
}

}  // namespace
}  // namespace countersign::auth
