// Token issuers, people and rules for tokens in a configuration file.
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "auth/testing_issuer.h"
#include "base/error.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"
#include "server/config/config.h"
#include "server/config/testing_site.h"

namespace countersign::server {
namespace {

using auth::TokenAlgorithm;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

constexpr absl::Time kNow = absl::FromUnixSeconds(1767225600);  // 2026-01-01

// `yaml` stands at the end of the identity section.
TestingSite Site(absl::string_view yaml) {
  const TestingSite site;
  site.Replace("hsm:\n", absl::StrCat(yaml, "hsm:\n"));
  const auth::TestingIssuer issuer("https://id.d.org");
  site.Write("keys.jwks", issuer.Jwks());
  site.Write("bundle.jwks",
             auth::JwksText({issuer.key().Jwk("a", "", "jwt-svid")}));
  return site;
}

TEST(TokenIssuers, HaveTheDefaultsOfTheirProfile) {
  const TestingSite site = Site(
      "  token_issuers:\n"
      "    - name: github\n"
      "      issuer: https://token.actions.githubusercontent.com\n"
      "      audiences: [signer.d.org]\n");
  ASSERT_OK_AND_ASSIGN(const ServerConfig config,
                       LoadConfig(site.config_path(), kNow));
  ASSERT_EQ(config.access->token_issuers.size(), 1u);
  const auth::TokenIssuer& issuer = config.access->token_issuers[0];
  EXPECT_EQ(issuer.name, "github");
  EXPECT_EQ(issuer.issuer, "https://token.actions.githubusercontent.com");
  EXPECT_EQ(issuer.profile, "github-actions");
  EXPECT_FALSE(issuer.spiffe);
  EXPECT_EQ(issuer.keys.discovery_url,
            "https://token.actions.githubusercontent.com/.well-known/"
            "openid-configuration");
  EXPECT_EQ(issuer.keys.jwks_file, "");
  EXPECT_EQ(issuer.keys.ca_pem, "");
  EXPECT_EQ(issuer.keys.max_key_age, absl::Hours(24));
  EXPECT_THAT(issuer.audiences, ElementsAre("signer.d.org"));
  EXPECT_THAT(issuer.algorithms, ElementsAre(TokenAlgorithm::kRs256));
  EXPECT_EQ(issuer.leeway, absl::Seconds(30));
  EXPECT_EQ(issuer.max_age, absl::Hours(1));
  EXPECT_THAT(issuer.subject_claims, ElementsAre("sub"));
  EXPECT_THAT(issuer.recorded_claims, Contains("repository"));
  EXPECT_THAT(issuer.tenant_claims, Contains("repository_owner_id"));
  EXPECT_FALSE(issuer.require_bound);
  EXPECT_EQ(issuer.revoked_before, absl::InfinitePast());
  EXPECT_EQ(config.access->policy.known_claims,
            std::set<std::string>(issuer.recorded_claims.begin(),
                                  issuer.recorded_claims.end()));
}

TEST(TokenIssuers, TakeAllFields) {
  const TestingSite site = Site(
      "  token_issuers:\n"
      "    - name: site\n"
      "      issuer: http://id.d.org\n"
      "      profile: oidc\n"
      "      audiences: [signer.d.org, other]\n"
      "      jwks_file: keys.jwks\n"
      "      algorithms: [ES384, EdDSA]\n"
      "      leeway: 0s\n"
      "      max_age: 8h\n"
      "      subject_claims: [tenant, sub]\n"
      "      group_claims: [groups]\n"
      "      grantable_groups: [release-managers]\n"
      "      required_claims:\n"
      "        - {claim: tenant, values: [acme]}\n"
      "        - {claim: path, patterns: ['a/*']}\n"
      "      recorded_claims: [name, /a/b]\n"
      "      require_bound: true\n"
      "      revoked_ids: [x, y]\n"
      "      revoked_before: 2025-12-31T00:00:00Z\n"
      "      max_key_age: 5m\n");
  ASSERT_OK_AND_ASSIGN(const ServerConfig config,
                       LoadConfig(site.config_path(), kNow));
  const auth::TokenIssuer& issuer = config.access->token_issuers[0];
  EXPECT_EQ(issuer.profile, "oidc");
  EXPECT_THAT(issuer.audiences, ElementsAre("other", "signer.d.org"));
  EXPECT_EQ(issuer.keys.jwks_file, site.Path("keys.jwks"));
  EXPECT_EQ(issuer.keys.discovery_url, "");
  EXPECT_EQ(issuer.keys.max_key_age, absl::Minutes(5));
  EXPECT_THAT(issuer.algorithms,
              ElementsAre(TokenAlgorithm::kEs384, TokenAlgorithm::kEdDsa));
  EXPECT_EQ(issuer.leeway, absl::ZeroDuration());
  EXPECT_EQ(issuer.max_age, absl::Hours(8));
  EXPECT_THAT(issuer.subject_claims, ElementsAre("tenant", "sub"));
  EXPECT_THAT(issuer.group_claims, ElementsAre("groups"));
  ASSERT_EQ(issuer.required_claims.size(), 2u);
  EXPECT_THAT(issuer.required_claims[1].patterns, ElementsAre("a/*"));
  EXPECT_THAT(issuer.recorded_claims, ElementsAre("name", "/a/b"));
  EXPECT_TRUE(issuer.require_bound);
  EXPECT_THAT(issuer.revoked_ids, ElementsAre("x", "y"));
  EXPECT_EQ(issuer.revoked_before, absl::FromUnixSeconds(1767139200));
  EXPECT_THAT(config.access->policy.known_claims, ElementsAre("/a/b", "name"));
  // A role may be a group that only a token gives.
  EXPECT_THAT(config.access->policy.known_groups,
              ElementsAre("ci", "people", "release-managers"));
}

TEST(TokenIssuers, FetchWithTheirOwnCas) {
  const TestingSite site = Site(
      "  token_issuers:\n"
      "    - name: gitlab\n"
      "      issuer: https://gitlab.d.org\n"
      "      profile: gitlab\n"
      "      audiences: [signer.d.org]\n"
      "      discovery_url: https://mirror.d.org/gitlab\n"
      "      ca_file: ca.pem\n");
  ASSERT_OK_AND_ASSIGN(const ServerConfig config,
                       LoadConfig(site.config_path(), kNow));
  const auth::KeySource& keys = config.access->token_issuers[0].keys;
  EXPECT_EQ(keys.discovery_url, "https://mirror.d.org/gitlab");
  EXPECT_EQ(keys.ca_pem, site.ca().pem());
}

TEST(TokenIssuers, AreTrustDomainsToo) {
  const TestingSite site = Site(
      "  token_issuers:\n"
      "    - name: mesh\n"
      "      issuer: spiffe://d.org\n"
      "      audiences: [signer.d.org]\n"
      "      jwks_file: bundle.jwks\n");
  site.Replace("    - {group: ci,",
               "    - group: ci\n"
               "      token_issuer: mesh\n"
               "      subject_patterns: ['spiffe://d.org/ci/*']\n"
               "    - {group: ci,");
  ASSERT_OK_AND_ASSIGN(const ServerConfig config,
                       LoadConfig(site.config_path(), kNow));
  const auth::TokenIssuer& issuer = config.access->token_issuers[0];
  EXPECT_TRUE(issuer.spiffe);
  EXPECT_EQ(issuer.profile, "spiffe");
  EXPECT_THAT(issuer.subject_claims, IsEmpty());
}

TEST(People, AreFoundByEachOfTheirIdentities) {
  const TestingSite site = Site(
      "  token_issuers:\n"
      "    - name: site\n"
      "      issuer: https://id.d.org\n"
      "      audiences: [signer.d.org]\n"
      "  people:\n"
      "    - name: Ann\n"
      "      identities:\n"
      "        - {subject: 'email:Ann@d.org', issuer: 'CN=People CA'}\n"
      "        - {subject: 'token:ann', token_issuer: site}\n"
      "    - name: Bob\n"
      "      identities:\n"
      "        - {subject: 'token:bob', token_issuer: site}\n");
  ASSERT_OK_AND_ASSIGN(const ServerConfig config,
                       LoadConfig(site.config_path(), kNow));
  EXPECT_THAT(
      config.access->policy.people,
      UnorderedElementsAre(Pair(Pair("email:ann@d.org", "CN=People CA"), "Ann"),
                           Pair(Pair("token:ann", "https://id.d.org"), "Ann"),
                           Pair(Pair("token:bob", "https://id.d.org"), "Bob")));
}

struct Case {
  const char* name;
  const char* yaml;  // an issuer's fields beside name, issuer and audiences
  const char* want;
};
class TokenIssuerRefused : public testing::TestWithParam<Case> {};
TEST_P(TokenIssuerRefused, WithTheSentenceOfTheTable) {
  std::string yaml =
      "  token_issuers:\n"
      "    - name: site\n"
      "      issuer: https://id.d.org\n"
      "      audiences: [signer.d.org]\n";
  // A line of the table takes the place of one with the same key.
  const std::string line = GetParam().yaml;
  const std::string key = line.substr(0, line.find(':') + 1);
  for (const char* kept : {"name:", "issuer:", "audiences:"}) {
    if (key != kept) continue;
    const size_t at = yaml.find(key);
    yaml.erase(at, yaml.find('\n', at) - at);
    yaml.insert(at, line);
  }
  if (yaml.find(line) == std::string::npos) {
    yaml += "      " + line + "\n";
  }
  const TestingSite site = Site(yaml);
  site.Write("broken.jwks", "{}");
  site.Write("empty.jwks", "{\"keys\": []}");
  const auto config = LoadConfig(site.config_path(), kNow);
  EXPECT_THAT(config, base::HasReason("BAD_CONFIG"));
  const std::string text(config.status().message());
  EXPECT_THAT(text, testing::StartsWith("1 mistake in"));
  EXPECT_THAT(text, HasSubstr("identity.token_issuers[0]"));
  EXPECT_THAT(text, HasSubstr(GetParam().want));
}

INSTANTIATE_TEST_SUITE_P(
    Table, TokenIssuerRefused,
    testing::ValuesIn<Case>({
        {"Name", "name: Site", ".name: must be 1 to 63 of a-z"},
        {"HttpIssuer", "issuer: http://id.d.org", ".issuer: must begin with"},
        {"IssuerWithQuery", "issuer: https://id.d.org?a", "no query"},
        {"IssuerThatIsNoUrl", "issuer: id.d.org", "must be a URL"},
        {"EntraCommon", "issuer: https://login.microsoftonline.com/common/v2.0",
         "is no issuer of Entra ID"},
        {"GitLabWithSlash", "issuer: https://gitlab.com/", "must not end in"},
        {"TrustDomainWithoutBundle", "issuer: spiffe://d.org",
         ".jwks_file: is needed"},
        {"Profile", "profile: github",
         "there is none of that name; there are "
         "github-actions, gitlab"},
        {"ProfileOfAnother", "profile: google",
         ".issuer: must be \"https://accounts.google.com\""},
        {"ForeignAudience", "audiences: [sts.amazonaws.com]",
         ".audiences[0]: is the audience of another service"},
        {"AudienceWithControl", "audiences: [\"a\\nb\"]", ".audiences[0]"},
        {"DiscoveryUrl", "discovery_url: http://id.d.org", ".discovery_url"},
        {"JwksFileAbsent", "jwks_file: absent.jwks", ".jwks_file: open"},
        {"JwksFileBroken", "jwks_file: broken.jwks", "broken.jwks: "},
        {"JwksFileEmpty", "jwks_file: empty.jwks", "holds no key for tokens"},
        {"CaFileAbsent", "ca_file: absent.pem", ".ca_file: open"},
        {"CaFileOfAnotherKind", "ca_file: server.key", ".ca_file: "},
        {"NoAlgorithm", "algorithms: [none]",
         ".algorithms[0]: is not taken; there are RS256, RS384"},
        {"Hmac", "algorithms: [HS256]", "is not taken"},
        {"AlgorithmInLowerCase", "algorithms: [rs256]", "is not taken"},
        {"Leeway", "leeway: 61s", ".leeway: is 1m1s; must be 0 to 1m"},
        {"MaxAge", "max_age: 25h", ".max_age: is 25h; must be 1m to 24h"},
        {"MaxKeyAge", "max_key_age: 1m", ".max_key_age: is 1m; must be 5m"},
        {"SubjectClaims", "subject_claims: ['a b']", ".subject_claims[0]"},
        {"TooManySubjectClaims", "subject_claims: [a, b, c, d, e]",
         ".subject_claims: has 5 entries"},
        {"GroupClaimsAlone", "group_claims: [groups]",
         ".grantable_groups: is needed"},
        {"GrantableGroupsAlone", "grantable_groups: [a]",
         ".group_claims: is needed"},
        {"RequiredClaim", "required_claims: [{claim: a}]",
         ".required_claims[0].values: has, with patterns, 0 entries"},
        {"RequiredPattern", "required_claims: [{claim: a, patterns: ['b*']}]",
         ".required_claims[0].patterns"},
        {"RecordedClaimTwice", "recorded_claims: [a, a]",
         ".recorded_claims[1]: stands in the list twice"},
        {"RecordedPointer", "recorded_claims: [/a~]",
         ".recorded_claims[0]: is no JSON pointer"},
        {"RevokedId", "revoked_ids: ['']", ".revoked_ids: has an empty"},
        {"RevokedBefore", "revoked_before: yesterday",
         ".revoked_before: is no time"},
        {"RevokedBeforeOfTheFuture", "revoked_before: 2027-01-01T00:00:00Z",
         ".revoked_before: is in the future"},
    }),
    [](const auto& info) { return std::string(info.param.name); });

std::vector<std::string> Fields(const absl::Status& status) {
  std::vector<std::string> fields;
  const auto details = base::GetErrorDetails(status);
  if (!details.has_value()) return fields;
  for (const base::FieldViolation& v : details->field_violations) {
    fields.push_back(v.field);
  }
  return fields;
}

TEST(Identity, TellsAllMistakesAtOnce) {
  const TestingSite site = Site(
      "  token_issuers:\n"
      "    - name: github\n"
      "      issuer: https://token.actions.githubusercontent.com\n"
      "      audiences: [signer.d.org]\n"
      "      group_claims: [environment]\n"
      "      grantable_groups: [prod]\n"
      "    - name: github\n"
      "      issuer: https://token.actions.githubusercontent.com\n"
      "      audiences: [signer.d.org]\n"
      "    - name: both\n"
      "      issuer: https://id.d.org\n"
      "      audiences: [signer.d.org]\n"
      "      jwks_file: keys.jwks\n"
      "      ca_file: ca.pem\n"
      "  people:\n"
      "    - name: Ann\n"
      "      identities:\n"
      "        - {subject: 'email:ann', issuer: 'CN=CA'}\n"
      "        - {subject: 'ann', token_issuer: both}\n"
      "        - {subject: 'token:ann', token_issuer: nobody}\n"
      "        - {subject: 'token:ann'}\n"
      "        - {subject: 'token:a', token_issuer: both}\n"
      "    - name: Ann\n"
      "      identities:\n"
      "        - {subject: 'token:a', token_issuer: both}\n");
  site.Replace("    - {group: ci,",
               "    - group: ci\n"
               "      token_issuer: github\n"
               "      claims: [{claim: ref, values: [refs/heads/main]}]\n"
               "    - group: ci\n"
               "      token_issuer: githb\n"
               "      claims: [{claim: repository, values: [acme/app]}]\n"
               "    - {group: ci,");
  EXPECT_THAT(
      Fields(LoadConfig(site.config_path(), kNow).status()),
      ElementsAre(
          "identity.group_rules[0]", "identity.group_rules[1].token_issuer",
          "identity.token_issuers[0].group_claims[0]",
          "identity.token_issuers[1].name", "identity.token_issuers[1].issuer",
          "identity.token_issuers[2].ca_file",
          "identity.people[0].identities[0].subject",
          "identity.people[0].identities[1].subject",
          "identity.people[0].identities[2].token_issuer",
          "identity.people[0].identities[3]", "identity.people[1].name",
          "identity.people[1].identities[0]"));
}

TEST(Identity, TakesGroupsOfTokensThatAreTheTenantsOwn) {
  const TestingSite site = Site(
      "  token_issuers:\n"
      "    - name: gitlab\n"
      "      issuer: https://gitlab.com\n"
      "      audiences: [signer.d.org]\n"
      "      required_claims: [{claim: namespace_id, values: ['72']}]\n"
      "      group_claims: [deployment_tier]\n"
      "      grantable_groups: [production]\n");
  site.Replace("    - {group: ci,",
               "    - group: ci\n"
               "      token_issuer: gitlab\n"
               "      claims: [{claim: ref_protected, values: ['true']}]\n"
               "    - {group: ci,");
  EXPECT_OK(LoadConfig(site.config_path(), kNow).status());
}

}  // namespace
}  // namespace countersign::server
