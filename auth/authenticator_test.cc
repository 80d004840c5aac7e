#include "auth/authenticator.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "auth/group_rules.h"
#include "auth/testing_ca.h"
#include "base/status_matchers.h"
#include "core/principal.h"
#include "gtest/gtest.h"

namespace countersign::auth {
namespace {

using base::HasCode;
using base::HasReason;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr absl::Time kNow = absl::FromUnixSeconds(1767225600);  // 2026-01-01

std::shared_ptr<const AccessSnapshot> Rules(
    const std::vector<GroupRule>& rules) {
  AccessSnapshot snapshot;
  absl::StatusOr<GroupRules> compiled = GroupRules::Compile(rules);
  EXPECT_OK(compiled);
  snapshot.group_rules = *std::move(compiled);
  snapshot.policy.known_groups = snapshot.group_rules.groups();
  return std::make_shared<const AccessSnapshot>(std::move(snapshot));
}

class AuthenticatorTest : public testing::Test {
 protected:
  std::string Pem(const std::string& uri,
                  absl::Time not_after = kNow + absl::Hours(1)) const {
    CertificateSpec spec;
    spec.uris = {uri};
    spec.not_after = not_after;
    return ca_.Issue(spec).pem();
  }

  const TestingCertificate ca_ = TestingCertificate::SelfSigned(CaSpec("CA"));
  const std::shared_ptr<const AccessSnapshot> rules_ =
      Rules({{"ci", {}, {"spiffe://d/ci/*"}, ""}});
};

TEST_F(AuthenticatorTest, MakesAPrincipal) {
  Authenticator authenticator(rules_);
  ASSERT_OK_AND_ASSIGN(
      const core::Principal p,
      authenticator.Authenticate(Pem("spiffe://d/ci/x"), kNow));
  EXPECT_EQ(p.subject, "spiffe://d/ci/x");
  EXPECT_EQ(p.issuer, "CN=CA,O=Example");
  EXPECT_EQ(p.credential, core::CredentialKind::kClientCertificate);
  EXPECT_EQ(p.credential_fingerprint.size(), 64u);
  EXPECT_THAT(p.groups, ElementsAre("ci"));
}

TEST_F(AuthenticatorTest, AnswersTheSameFromMemory) {
  Authenticator authenticator(rules_);
  const std::string pem = Pem("spiffe://d/ci/x");
  ASSERT_OK_AND_ASSIGN(const core::Principal first,
                       authenticator.Authenticate(pem, kNow));
  ASSERT_OK_AND_ASSIGN(const core::Principal second,
                       authenticator.Authenticate(pem, kNow));
  EXPECT_EQ(first, second);
  EXPECT_EQ(authenticator.remembered(), 1u);
}

TEST_F(AuthenticatorTest, GoesByTheNewRulesAtOnce) {
  Authenticator authenticator(rules_);
  const std::string pem = Pem("spiffe://d/ci/x");
  ASSERT_OK(authenticator.Authenticate(pem, kNow));
  const auto fresh = Rules({{"other", {"spiffe://d/ci/x"}, {}, ""}});
  authenticator.Replace(fresh);
  EXPECT_EQ(authenticator.snapshot(), fresh);
  ASSERT_OK_AND_ASSIGN(const core::Principal p,
                       authenticator.Authenticate(pem, kNow));
  EXPECT_THAT(p.groups, ElementsAre("other"));
}

TEST_F(AuthenticatorTest, RefusesARememberedCertificateOnceExpired) {
  Authenticator authenticator(rules_);
  const std::string pem = Pem("spiffe://d/ci/x");
  ASSERT_OK(authenticator.Authenticate(pem, kNow));
  ASSERT_OK(authenticator.Authenticate(pem, kNow + absl::Hours(1)));
  EXPECT_THAT(
      authenticator.Authenticate(pem, kNow + absl::Hours(1) + absl::Seconds(1)),
      HasReason("UNKNOWN_IDENTITY"));
  EXPECT_EQ(authenticator.remembered(), 0u);
}

TEST_F(AuthenticatorTest, DoesNotRememberWhatItRefused) {
  Authenticator authenticator(rules_);
  EXPECT_THAT(authenticator.Authenticate("hello", kNow),
              HasCode(absl::StatusCode::kUnauthenticated));
  EXPECT_THAT(authenticator.Authenticate("", kNow),
              HasReason("UNKNOWN_IDENTITY"));
  EXPECT_EQ(authenticator.remembered(), 0u);
}

TEST_F(AuthenticatorTest, KnowsPeopleWithoutGroups) {
  Authenticator authenticator(rules_);
  ASSERT_OK_AND_ASSIGN(
      const core::Principal p,
      authenticator.Authenticate(Pem("spiffe://d/stranger"), kNow));
  EXPECT_THAT(p.groups, IsEmpty());
}

TEST_F(AuthenticatorTest, RemembersNoMoreThanItMay) {
  for (const size_t most : {size_t{0}, size_t{1}, size_t{3}}) {
    Authenticator authenticator(rules_, most);
    for (int round = 0; round < 2; ++round) {
      for (int i = 0; i < 5; ++i) {
        const std::string uri = "spiffe://d/ci/" + std::to_string(i);
        ASSERT_OK_AND_ASSIGN(const core::Principal p,
                             authenticator.Authenticate(Pem(uri), kNow));
        EXPECT_EQ(p.subject, uri);
        EXPECT_LE(authenticator.remembered(), most);
      }
    }
  }
}

TEST_F(AuthenticatorTest, ServesManyThreadsWhileRulesChange) {
  Authenticator authenticator(rules_, 2);
  const auto others = Rules({{"other", {}, {"spiffe://d/ci/*"}, ""}});
  std::vector<std::string> pems;
  for (int i = 0; i < 4; ++i) {
    pems.push_back(Pem("spiffe://d/ci/" + std::to_string(i)));
  }
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) {
        const auto p = authenticator.Authenticate(pems[(i + t) % 4], kNow);
        ASSERT_OK(p);
        EXPECT_EQ(p->groups.size(), 1u);
      }
    });
  }
  for (int i = 0; i < 100; ++i) {
    authenticator.Replace(i % 2 == 0 ? others : rules_);
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(authenticator.remembered(), 2u);
}

}  // namespace
}  // namespace countersign::auth
