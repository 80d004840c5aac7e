#include "auth/token_rule_checks.h"

#include <string>
#include <vector>

#include "auth/issuer_profile.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::auth {
namespace {

using core::ClaimRule;
using testing::HasSubstr;
using testing::IsEmpty;

TokenIssuer Issuer(const std::string& name) {
  const IssuerProfile& profile = *FindIssuerProfile(name);
  TokenIssuer issuer;
  issuer.name = "ours";
  issuer.profile = name;
  issuer.spiffe = name == "spiffe";
  issuer.issuer = issuer.spiffe ? "spiffe://acme.org" : "https://acme.org";
  issuer.subject_claims = profile.subject_claims;
  issuer.tenant_claims = profile.TenantClaimNames();
  return issuer;
}

GroupRule Rule(std::vector<ClaimRule> claims,
               std::vector<std::string> subjects = {},
               std::vector<std::string> patterns = {}) {
  return {"g", subjects, patterns, "", "ours", claims};
}

const ClaimRule kOwner = {"repository_owner", {"acme"}, {}};

std::string Text(const std::vector<base::FieldViolation>& violations) {
  std::string text;
  for (const base::FieldViolation& v : violations) {
    text += v.field + ": " + v.description + "\n";
  }
  return text;
}

struct Case {
  const char* name;
  const char* profile;
  GroupRule rule;
  const char* want;  // empty: right as it is
};
class CheckTokenRuleTest : public testing::TestWithParam<Case> {};
TEST_P(CheckTokenRuleTest, SaysTheSentenceOfTheTable) {
  const Case& c = GetParam();
  const auto violations =
      CheckTokenRule(c.rule, Issuer(c.profile), "group_rules[0]");
  if (*c.want == '\0') {
    EXPECT_THAT(Text(violations), IsEmpty());
    return;
  }
  EXPECT_EQ(violations.size(), 1u) << Text(violations);
  EXPECT_THAT(Text(violations), HasSubstr(c.want));
}

INSTANTIATE_TEST_SUITE_P(
    Right, CheckTokenRuleTest,
    testing::ValuesIn<Case>({
        {"GitHubRepository", "github-actions",
         Rule({{"repository", {"acme/app"}, {}}, {"ref", {}, {"refs/tags/*"}}}),
         ""},
        {"GitHubOrganisation", "github-actions",
         Rule({{"sub", {}, {"repo:acme/*:ref:refs/heads/main"}}}), ""},
        {"GitHubSubject", "github-actions",
         Rule({}, {"token:repo:acme/app:ref:refs/heads/main"}), ""},
        {"GitHubSubjectPattern", "github-actions",
         Rule({}, {}, {"token:repo:acme/*:ref:refs/heads/main"}), ""},
        {"GitLabGroup", "gitlab",
         Rule({{"namespace_path", {"acme", "acme/tools"}, {}},
               {"ref_protected", {"true"}, {}}}),
         ""},
        {"KubernetesPointer", "kubernetes",
         Rule({{"/kubernetes.io/namespace", {"release"}, {}},
               {"/kubernetes.io/serviceaccount/name", {"signer"}, {}}}),
         ""},
        {"EntraRole", "entra",
         Rule({{"roles", {"Sign.Release"}, {}}, {"idtyp", {"app"}, {}}}), ""},
        {"EntraObject", "entra",
         Rule({}, {"token:72f988bf-86f1-41af-91ab-2d7cd011db47/"
                   "6e1b5a06-93a6-4c4e-8f3a-5a3a1c6a6a01"}),
         ""},
        {"GoogleEmailThatIsVerified", "google",
         Rule({{"email", {"ci@acme.iam.gserviceaccount.com"}, {}},
               {"email_verified", {"true"}, {}}}),
         ""},
        {"BuildkitePipelines", "buildkite",
         Rule({{"build_branch", {"main"}, {}}}, {}, {"token:acme/*"}), ""},
        {"JenkinsFolder", "jenkins",
         Rule({}, {}, {"token:https://ci.acme.org/job/release/job/*/"}), ""},
        {"ForgejoOwner", "forgejo", Rule({kOwner}), ""},
        {"SpiffeIds", "spiffe", Rule({}, {}, {"spiffe://acme.org/ci/*"}), ""},
        {"OidcNeedsNoTenant", "oidc", Rule({{"groups", {"release"}, {}}}), ""},
    }),
    [](const auto& info) { return std::string(info.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Wrong, CheckTokenRuleTest,
    testing::ValuesIn<Case>({
        {"Nothing", "oidc", Rule({}), "group_rules[0]: matches nobody"},
        {"IssuerOfCertificates", "oidc",
         GroupRule{"g", {"token:a"}, {}, "CN=CA", "ours", {}},
         "group_rules[0].issuer: is of certificates"},
        // Patterns that could be fooled.
        {"PrefixOfAnOwner", "github-actions",
         Rule({kOwner, {"repository", {}, {"acme*"}}}),
         "claims[1].patterns: \"acme*\": \"*\" must be a whole part"},
        {"PrefixWithinASubject", "github-actions",
         Rule({kOwner, {"sub", {}, {"repo:acme*:ref:refs/heads/main"}}}),
         "must be a whole part"},
        {"PrefixWithHyphen", "github-actions",
         Rule({kOwner, {"repository", {}, {"acme-*/app"}}}),
         "must be a whole part"},
        {"LeadingStar", "github-actions",
         Rule({kOwner, {"repository", {}, {"*/app"}}}), "begins with \"*\""},
        {"OpenOwner", "github-actions",
         Rule({kOwner, {"sub", {}, {"repo:*/app:ref:refs/heads/main"}}}),
         "claims[1].patterns: \"repo:*/app:ref:refs/heads/main\" leaves open"},
        {"OpenOwnerOfSubject", "github-actions",
         Rule({kOwner}, {}, {"token:repo:*/app:ref:refs/heads/main"}),
         "subject_patterns[0]: \"token:repo:*/app:ref:refs/heads/main\" "
         "leaves"},
        {"OpenNamespace", "kubernetes",
         Rule({}, {}, {"token:system:serviceaccount:*:builder"}),
         "leaves open whose it is"},
        {"AnyMailDomain", "oidc",
         Rule({{"email", {}, {"ann@*"}}, {"email_verified", {"true"}, {}}}),
         "claims[0].patterns: \"ann@*\" leaves open"},
        {"StarAmongValues", "github-actions",
         Rule({{"repository", {"acme/*"}, {}}}), "belong into patterns"},
        {"StarAmongSubjects", "github-actions",
         Rule({}, {"token:repo:acme/*:ref:refs/heads/main"}),
         "subjects[0]: holds \"*\""},
        // Rules for everybody.
        {"RefAlone", "github-actions", Rule({{"ref", {"refs/heads/main"}, {}}}),
         "group_rules[0]: is for tokens of everybody whom https://acme.org "
         "serves"},
        {"SharedWorkflowAlone", "github-actions",
         Rule({{"job_workflow_ref",
                {"acme/ci/.github/workflows/release.yml@refs/heads/main"},
                {}}}),
         "tokens of everybody"},
        {"CustomSubject", "github-actions",
         Rule({{"sub", {"environment:prod"}, {}}}), "tokens of everybody"},
        {"ProtectedAlone", "gitlab", Rule({{"ref_protected", {"true"}, {}}}),
         "project_id, project_path"},
        {"ForkInTheParent", "gitlab",
         Rule({{"job_project_path", {"acme/app"}, {}}}), "tokens of everybody"},
        {"ServiceAccountOfAnyNamespace", "kubernetes",
         Rule({{"/kubernetes.io/serviceaccount/name", {"signer"}, {}}}),
         "tokens of everybody"},
        {"AnyApplicationOfTheTenant", "entra", Rule({{"idtyp", {"app"}, {}}}),
         "tokens of everybody"},
        {"TenantAlone", "entra",
         Rule({{"tid", {"72f988bf-86f1-41af-91ab-2d7cd011db47"}, {}}}),
         "tokens of everybody"},
        {"AnyObjectOfTheTenant", "entra",
         Rule({}, {}, {"token:72f988bf-86f1-41af-91ab-2d7cd011db47/*"}),
         "tokens of everybody"},
        {"BranchAlone", "buildkite", Rule({{"build_branch", {"main"}, {}}}),
         "organization_slug"},
        {"OneOfTwoSaysNothing", "github-actions",
         Rule({{"sub",
                {"repo:acme/app:ref:refs/heads/main", "environment:prod"},
                {}}}),
         "tokens of everybody"},
        {"JobAlone", "jenkins", Rule({{"build_number", {"1"}, {}}}), "sub"},
        // What issuers do not write.
        {"GuidInUpperCase", "entra",
         Rule({{"oid", {"6E1B5A06-93A6-4C4E-8F3A-5A3A1C6A6A01"}, {}}}),
         "issuers write \"6e1b5a06-93a6-4c4e-8f3a-5a3a1c6a6a01\""},
        {"GuidOfSubjectInUpperCase", "entra",
         Rule({}, {"token:72f988bf-86f1-41af-91ab-2d7cd011db47/"
                   "6E1B5A06-93A6-4C4E-8F3A-5A3A1C6A6A01"}),
         "subjects[0]: \"token:"},
        {"CaseOfValues", "github-actions",
         Rule({{"repository_owner", {"acme", "Acme"}, {}}}),
         "differ in case only"},
        {"CaseOfSubjects", "oidc", Rule({}, {"token:ann", "token:Ann"}),
         "subjects[1]: differs from \"token:ann\" in case only"},
        {"SubjectOfACertificate", "oidc", Rule({}, {"email:ann@acme.org"}),
         "subjects[0]: must start with \"token:\""},
        {"SubjectPatternOfACertificate", "oidc",
         Rule({}, {}, {"email:*@acme.org"}),
         "subject_patterns[0]: must start with \"token:\""},
        {"EmptySubject", "oidc", Rule({}, {"token:"}), "must start with"},
        {"ControlCharacter", "oidc", Rule({}, {"token:a\nb"}),
         "control characters"},
        {"PartsOfASubject", "buildkite", Rule({}, {}, {"token:acme/*/main"}),
         "must have 2 parts"},
        {"ForeignTrustDomain", "spiffe", Rule({}, {"spiffe://evil.org/ci/a"}),
         "is of another trust domain"},
        {"ForeignTrustDomainOfAPattern", "spiffe",
         Rule({}, {}, {"spiffe://acme.org.evil.org/*"}),
         "is of another trust domain"},
        {"TokenSubjectForSpiffe", "spiffe", Rule({}, {"token:a"}),
         "subjects[0]: \"token:a\" is not a SPIFFE ID"},
        // Claims.
        {"EmailUnverified", "google", Rule({{"email", {"ci@acme.org"}, {}}}),
         "group_rules[0]: looks at \"email\", which anybody"},
        {"EmailUnverifiedOfOthers", "oidc",
         Rule({{"email", {"ci@acme.org"}, {}}}), "add {claim: email_verified"},
        {"EmailVerifiedOrNot", "google",
         Rule({{"email", {"ci@acme.org"}, {}},
               {"email_verified", {"false", "true"}, {}}}),
         "looks at \"email\""},
        {"EntraUserName", "entra",
         Rule({{"oid", {"6e1b5a06-93a6-4c4e-8f3a-5a3a1c6a6a01"}, {}},
               {"upn", {"ann@acme.org"}, {}}}),
         "claims[1].claim: \"upn\" can be changed"},
        {"PointerWithTilde", "oidc", Rule({{"/a~2b", {"x"}, {}}}),
         "claims[0].claim: is no JSON pointer"},
        {"PointerWithTildeAtItsEnd", "oidc", Rule({{"/a~", {"x"}, {}}}),
         "is no JSON pointer"},
        {"PointerWithEmptyName", "oidc", Rule({{"/a//b", {"x"}, {}}}),
         "a name between"},
        {"PointerToNothing", "oidc", Rule({{"/", {"x"}, {}}}),
         "a name between"},
        {"NoValues", "oidc", Rule({{"a", {}, {}}}), "claims[0].values"},
    }),
    [](const auto& info) { return std::string(info.param.name); });

TEST(CheckTokenRule, TakesTheTenantFromWhatEveryTokenMustHold) {
  TokenIssuer issuer = Issuer("github-actions");
  issuer.required_claims = {{"repository_owner_id", {"4711"}, {}}};
  EXPECT_THAT(
      CheckTokenRule(Rule({{"ref", {"refs/heads/main"}, {}}}), issuer, "r"),
      IsEmpty());
  issuer = Issuer("google");
  issuer.required_claims = {{"email_verified", {"true"}, {}}};
  EXPECT_THAT(
      CheckTokenRule(Rule({{"email", {"ci@acme.org"}, {}}}), issuer, "r"),
      IsEmpty());
}

TEST(CheckTokenRule, TellsAllMistakesAtOnce) {
  const auto violations = CheckTokenRule({"g",
                                          {"ann"},
                                          {"*"},
                                          "CN=CA",
                                          "ours",
                                          {{"~", {"a"}, {"*"}}, {"", {}, {}}}},
                                         Issuer("oidc"), "group_rules[3]");
  std::vector<std::string> fields;
  for (const auto& v : violations) fields.push_back(v.field);
  EXPECT_THAT(fields, testing::ElementsAre("group_rules[3].issuer",
                                           "group_rules[3].subjects[0]",
                                           "group_rules[3].subject_patterns[0]",
                                           "group_rules[3].claims[0].patterns",
                                           "group_rules[3].claims[1].claim",
                                           "group_rules[3].claims[1].values"));
}

}  // namespace
}  // namespace countersign::auth
