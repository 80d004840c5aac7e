// Group rules with whole payloads of each issuer: made up here, but with the
// claims and the kinds of values that the issuers write.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "auth/group_rules.h"
#include "auth/issuer_profile.h"
#include "auth/verified_token.h"
#include "base/error.h"
#include "base/json.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::auth {
namespace {

using base::HasReason;
using core::ClaimRule;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kGitHub[] = R"({
  "iss": "https://token.actions.githubusercontent.com",
  "aud": "signer.acme.org", "jti": "8d6e", "nbf": 1767225000,
  "iat": 1767225600, "exp": 1767225900,
  "sub": "repo:acme/app:environment:release",
  "repository": "acme/app", "repository_id": "5150",
  "repository_owner": "acme", "repository_owner_id": "4711",
  "repository_visibility": "private",
  "ref": "refs/tags/v1.2.0", "ref_type": "tag", "ref_protected": "true",
  "base_ref": "", "head_ref": "",
  "sha": "f2d54d1d0e9e5f7c8b3a1f64f7f3b8d2c1a09e11",
  "workflow": "Release", "workflow_sha": "f2d54d1d",
  "workflow_ref": "acme/app/.github/workflows/release.yml@refs/tags/v1.2.0",
  "job_workflow_ref": "acme/ci/.github/workflows/sign.yml@refs/heads/main",
  "job_workflow_sha": "11d0", "event_name": "push",
  "environment": "release", "runner_environment": "github-hosted",
  "run_id": "8812", "run_number": "31", "run_attempt": "1",
  "actor": "ann", "actor_id": "17", "check_run_id": "9"})";

constexpr char kGitLab[] = R"({
  "iss": "https://gitlab.com", "aud": "signer.acme.org", "jti": "c4b1",
  "nbf": 1767225595, "iat": 1767225600, "exp": 1767229200,
  "sub": "project_path:acme/tools/app:ref_type:branch:ref:main",
  "namespace_id": "72", "namespace_path": "acme/tools",
  "project_id": "20", "project_path": "acme/tools/app",
  "user_id": "1", "user_login": "ann", "user_email": "ann@acme.org",
  "user_access_level": "maintainer", "groups_direct": ["acme/tools"],
  "pipeline_id": "574", "pipeline_source": "push", "job_id": "302",
  "ref": "main", "ref_type": "branch", "ref_path": "refs/heads/main",
  "ref_protected": "true", "runner_id": 1,
  "runner_environment": "self-hosted",
  "sha": "714a629c0b401fdce83e847fc9589983fc6f46bc",
  "project_visibility": "private",
  "ci_config_ref_uri": "gitlab.com/acme/tools/app//.gitlab-ci.yml@refs/heads/main",
  "ci_config_sha": "714a", "environment": "release",
  "environment_protected": "true", "deployment_tier": "production"})";

constexpr char kKubernetes[] = R"({
  "iss": "https://kubernetes.default.svc.cluster.local",
  "aud": ["signer.acme.org"], "jti": "ea28", "nbf": 1767225600,
  "iat": 1767225600, "exp": 1767226200,
  "sub": "system:serviceaccount:release:signer",
  "kubernetes.io": {
    "namespace": "release",
    "node": {"name": "worker-1", "uid": "b2c1"},
    "pod": {"name": "sign-7xk2p", "uid": "7a90"},
    "serviceaccount": {"name": "signer", "uid": "e0f1"}}})";

constexpr char kEntraV2Person[] = R"({
  "iss": "https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0",
  "aud": "8d2f1c0a-2f55-4a8e-9d0b-0b6a2a1f7c11", "ver": "2.0",
  "iat": 1767225600, "nbf": 1767225600, "exp": 1767229500,
  "tid": "72f988bf-86f1-41af-91ab-2d7cd011db47",
  "oid": "6e1b5a06-93a6-4c4e-8f3a-5a3a1c6a6a01",
  "sub": "hQ5l-bxN2Yk", "azp": "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
  "azpacr": "0", "name": "Ann", "preferred_username": "ann@acme.org",
  "scp": "Sign", "rh": "0.A", "uti": "x",
  "groups": ["0b1f5b1e-1111-4222-8333-944445555666",
             "0b1f5b1e-1111-4222-8333-944445555777"],
  "roles": ["Release.Approve"]})";

constexpr char kEntraV1Application[] = R"({
  "iss": "https://sts.windows.net/72f988bf-86f1-41af-91ab-2d7cd011db47/",
  "aud": "api://signer", "ver": "1.0",
  "iat": 1767225600, "nbf": 1767225600, "exp": 1767229500,
  "tid": "72f988bf-86f1-41af-91ab-2d7cd011db47",
  "oid": "aaaaaaaa-93a6-4c4e-8f3a-5a3a1c6a6a02",
  "sub": "aaaaaaaa-93a6-4c4e-8f3a-5a3a1c6a6a02",
  "appid": "bbbbbbbb-2f55-4a8e-9d0b-0b6a2a1f7c11", "appidacr": "2",
  "idp": "https://sts.windows.net/72f988bf-86f1-41af-91ab-2d7cd011db47/",
  "idtyp": "app", "roles": ["Sign.Release", "Sign.Nightly"], "uti": "y"})";

constexpr char kGoogle[] = R"({
  "iss": "https://accounts.google.com", "aud": "signer.acme.org",
  "azp": "113774264463038321964", "sub": "113774264463038321964",
  "email": "signer@acme-ci.iam.gserviceaccount.com", "email_verified": true,
  "iat": 1767225600, "exp": 1767229200,
  "google": {"compute_engine": {
    "project_id": "acme-ci", "project_number": 739419398126,
    "zone": "europe-west3-a", "instance_id": "152986662232938449",
    "instance_name": "builder-1",
    "instance_creation_timestamp": 1767000000}}})";

constexpr char kBuildkite[] = R"({
  "iss": "https://agent.buildkite.com", "aud": "signer.acme.org",
  "sub": "organization:acme:pipeline:app:ref:refs/heads/main:commit:9f31:step:sign",
  "iat": 1767225600, "nbf": 1767225600, "exp": 1767225900, "jti": "0194",
  "organization_slug": "acme", "organization_id": "0184990a",
  "pipeline_slug": "app", "pipeline_id": "01849910",
  "build_number": 31, "build_branch": "main", "build_tag": null,
  "build_commit": "9f31", "build_source": "webhook", "step_key": "sign",
  "job_id": "0184990a-477b", "agent_id": "0184990a-4782",
  "runner_environment": "self-hosted"})";

constexpr char kJenkins[] = R"({
  "iss": "https://ci.acme.org/oidc", "aud": "signer.acme.org",
  "sub": "https://ci.acme.org/job/release/job/app/", "build_number": 31,
  "iat": 1767225600, "exp": 1767229200})";

constexpr char kForgejo[] = R"({
  "iss": "https://git.acme.org/api/actions", "aud": "signer.acme.org",
  "sub": "repo:acme-5/app-4:ref:refs/heads/main",
  "nbf": 1767225600, "iat": 1767225600, "exp": 1767229200,
  "actor": "ann", "actor_id": "1", "base_ref": "", "head_ref": "",
  "event_name": "push", "ref": "refs/heads/main", "ref_type": "branch",
  "ref_protected": "true", "repository": "acme/app", "repository_id": "4",
  "repository_owner": "acme", "repository_owner_id": "5",
  "run_attempt": "1", "run_id": "792", "run_number": "188",
  "sha": "c2d72f548424103f01ee1dc02889c1e2bff816b0",
  "workflow": "release.yaml",
  "workflow_ref": "acme/app/.forgejo/workflows/release.yaml@refs/heads/main"})";

constexpr char kSpiffe[] = R"({
  "sub": "spiffe://acme.org/ci/release", "aud": ["signer.acme.org"],
  "iat": 1767225600, "exp": 1767225900})";

TokenIssuer Issuer(const std::string& name) {
  const IssuerProfile& profile = *FindIssuerProfile(name);
  TokenIssuer issuer;
  issuer.name = name;
  issuer.profile = name;
  issuer.spiffe = name == "spiffe";
  issuer.issuer = issuer.spiffe ? "spiffe://acme.org" : "https://acme.org";
  issuer.subject_claims = profile.subject_claims;
  issuer.tenant_claims = profile.TenantClaimNames();
  return issuer;
}

// As VerifyToken makes it of such a payload.
VerifiedToken Token(const TokenIssuer& issuer, const char* payload) {
  absl::StatusOr<base::Json> claims = base::ParseJson(payload);
  EXPECT_OK(claims);
  VerifiedToken token;
  token.issuer_name = issuer.name;
  token.issuer = issuer.issuer;
  token.claims = *std::move(claims);
  if (issuer.spiffe) {
    token.subject = token.claims.Find("sub")->string();
    return token;
  }
  token.subject = "token:";
  for (const std::string& claim : issuer.subject_claims) {
    if (token.subject != "token:") token.subject += "/";
    token.subject += token.claims.Find(claim)->string();
  }
  return token;
}

struct Case {
  const char* name;
  const char* profile;
  const char* payload;
  std::vector<ClaimRule> claims;
  std::vector<std::string> subjects;
  std::vector<std::string> patterns;
  bool gives;
};
class TokenGroups : public testing::TestWithParam<Case> {};
TEST_P(TokenGroups, AreThoseOfTheTable) {
  const Case& c = GetParam();
  const TokenIssuer issuer = Issuer(c.profile);
  const auto rules = GroupRules::Compile(
      {{"ci", c.subjects, c.patterns, "", issuer.name, c.claims}}, {issuer});
  ASSERT_OK(rules);
  const auto groups = rules->Evaluate(Token(issuer, c.payload), issuer);
  ASSERT_OK(groups);
  if (c.gives) {
    EXPECT_THAT(*groups, ElementsAre("ci"));
  } else {
    EXPECT_THAT(*groups, IsEmpty());
  }
  // Rules for tokens are not for certificates of the same name.
  for (const std::string& subject : c.subjects) {
    EXPECT_THAT(rules->Evaluate(subject, issuer.issuer), IsEmpty());
  }
}

INSTANTIATE_TEST_SUITE_P(
    GitHub, TokenGroups,
    testing::ValuesIn<Case>({
        {"Organisation",
         "github-actions",
         kGitHub,
         {{"repository", {}, {"acme/*"}}, {"ref_type", {"tag"}, {}}},
         {},
         {},
         true},
        {"ById",
         "github-actions",
         kGitHub,
         {{"repository_id", {"5150"}, {}},
          {"repository_owner_id", {"4711"}, {}},
          {"environment", {"release"}, {}},
          {"event_name", {"push", "workflow_dispatch"}, {}}},
         {},
         {},
         true},
        {"Workflow",
         "github-actions",
         kGitHub,
         {{"repository_owner", {"acme"}, {}},
          {"job_workflow_ref",
           {"acme/ci/.github/workflows/sign.yml@refs/heads/main"},
           {}}},
         {},
         {},
         true},
        {"SubjectPattern",
         "github-actions",
         kGitHub,
         {},
         {},
         {"token:repo:acme/*:environment:release"},
         true},
        {"OtherOrganisation",
         "github-actions",
         kGitHub,
         {{"repository", {}, {"acm/*"}}},
         {},
         {},
         false},
        {"LongerName",
         "github-actions",
         R"({"sub": "repo:acme-evil/app:ref:refs/heads/main",
             "repository": "acme-evil/app"})",
         {{"repository", {}, {"acme/*"}}},
         {},
         {},
         false},
        {"LongerNameInSubject",
         "github-actions",
         R"({"sub": "repo:acme-evil/app:ref:refs/heads/main"})",
         {},
         {},
         {"token:repo:acme/*:ref:refs/heads/main"},
         false},
        {"BranchThatLooksLikeMore",
         "github-actions",
         R"({"sub": "repo:acme/app:ref:refs/heads/a:ref:refs/heads/main"})",
         {},
         {},
         {"token:repo:acme/*:ref:refs/heads/main"},
         false},
        {"OtherCase",
         "github-actions",
         R"({"sub": "x", "repository": "ACME/app"})",
         {{"repository", {}, {"acme/*"}}},
         {},
         {},
         false},
        {"AllClaimsMustHold",
         "github-actions",
         kGitHub,
         {{"repository", {"acme/app"}, {}}, {"ref", {"refs/heads/main"}, {}}},
         {},
         {},
         false},
        {"SubjectAndClaimsMustHold",
         "github-actions",
         kGitHub,
         {{"ref_type", {"branch"}, {}}},
         {"token:repo:acme/app:environment:release"},
         {},
         false},
        {"ClaimThatIsNotThere",
         "github-actions",
         R"({"sub": "repo:acme/app:ref:x", "repository": "acme/app"})",
         {{"repository", {"acme/app"}, {}}, {"environment", {"release"}, {}}},
         {},
         {},
         false},
    }),
    [](const auto& info) { return std::string(info.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Others, TokenGroups,
    testing::ValuesIn<Case>({
        {"GitLabProject",
         "gitlab",
         kGitLab,
         {{"project_id", {"20"}, {}},
          {"ref_protected", {"true"}, {}},
          {"pipeline_source", {"push", "web"}, {}}},
         {},
         {},
         true},
        {"GitLabGroup",
         "gitlab",
         kGitLab,
         {{"project_path", {}, {"acme/tools/*"}}},
         {},
         {},
         true},
        {"GitLabNumber",
         "gitlab",
         kGitLab,
         {{"project_id", {"20"}, {}}, {"runner_id", {"1"}, {}}},
         {},
         {},
         true},
        {"GitLabGroupOfThePerson",
         "gitlab",
         kGitLab,
         {{"project_id", {"20"}, {}}, {"groups_direct", {"acme/tools"}, {}}},
         {},
         {},
         true},
        {"GitLabStarIsOnePart",
         "gitlab",
         kGitLab,
         {{"project_path", {}, {"acme/*"}}},
         {},
         {},
         false},
        {"KubernetesSubject",
         "kubernetes",
         kKubernetes,
         {},
         {"token:system:serviceaccount:release:signer"},
         {},
         true},
        {"KubernetesNamespace",
         "kubernetes",
         kKubernetes,
         {{"/kubernetes.io/namespace", {"release"}, {}},
          {"/kubernetes.io/serviceaccount/name", {"signer"}, {}}},
         {},
         {},
         true},
        {"KubernetesOtherNamespace",
         "kubernetes",
         kKubernetes,
         {{"/kubernetes.io/namespace", {"default"}, {}}},
         {},
         {},
         false},
        {"EntraGroup",
         "entra",
         kEntraV2Person,
         {{"groups", {"0b1f5b1e-1111-4222-8333-944445555777"}, {}}},
         {},
         {},
         true},
        {"EntraPerson",
         "entra",
         kEntraV2Person,
         {},
         {"token:72f988bf-86f1-41af-91ab-2d7cd011db47/"
          "6e1b5a06-93a6-4c4e-8f3a-5a3a1c6a6a01"},
         {},
         true},
        {"EntraApplication",
         "entra",
         kEntraV1Application,
         {{"roles", {"Sign.Nightly"}, {}}, {"idtyp", {"app"}, {}}},
         {},
         {},
         true},
        {"EntraPersonIsNoApplication",
         "entra",
         kEntraV2Person,
         {{"roles", {"Release.Approve"}, {}}, {"idtyp", {"app"}, {}}},
         {},
         {},
         false},
        {"GoogleServiceAccount",
         "google",
         kGoogle,
         {{"email", {"signer@acme-ci.iam.gserviceaccount.com"}, {}},
          {"email_verified", {"true"}, {}}},
         {},
         {},
         true},
        {"GoogleProject",
         "google",
         kGoogle,
         {{"/google/compute_engine/project_number", {"739419398126"}, {}}},
         {},
         {},
         true},
        {"BuildkitePipeline",
         "buildkite",
         kBuildkite,
         {{"build_branch", {"main"}, {}}, {"step_key", {"sign"}, {}}},
         {"token:acme/app"},
         {},
         true},
        {"BuildkiteOrganisation",
         "buildkite",
         kBuildkite,
         {{"organization_id", {"0184990a"}, {}}},
         {},
         {},
         true},
        {"BuildkiteTagThatIsNull",
         "buildkite",
         kBuildkite,
         {{"organization_slug", {"acme"}, {}}, {"build_tag", {"v1"}, {}}},
         {},
         {},
         false},
        {"JenkinsFolder",
         "jenkins",
         kJenkins,
         {},
         {},
         {"token:https://ci.acme.org/job/release/job/*/"},
         true},
        {"JenkinsOtherHost",
         "jenkins",
         kJenkins,
         {},
         {},
         {"token:https://ci.acme.com/job/release/job/*/"},
         false},
        {"ForgejoOwner",
         "forgejo",
         kForgejo,
         {{"repository_owner_id", {"5"}, {}}, {"ref", {"refs/heads/main"}, {}}},
         {},
         {},
         true},
        {"ForgejoSubject",
         "forgejo",
         kForgejo,
         {},
         {},
         {"token:repo:acme-5/*:ref:refs/heads/main"},
         true},
        {"SpiffePattern",
         "spiffe",
         kSpiffe,
         {},
         {},
         {"spiffe://acme.org/ci/*"},
         true},
        {"SpiffeId",
         "spiffe",
         kSpiffe,
         {},
         {"spiffe://acme.org/ci/release"},
         {},
         true},
        {"SpiffeOtherPath",
         "spiffe",
         kSpiffe,
         {},
         {},
         {"spiffe://acme.org/people/*"},
         false},
    }),
    [](const auto& info) { return std::string(info.param.name); });

TEST(TokenGroups, AreOfTheIssuerThatTheRuleNames) {
  const TokenIssuer gitlab = Issuer("gitlab");
  TokenIssuer other = gitlab;
  other.name = "other";
  const auto rules = GroupRules::Compile(
      {{"ci", {}, {}, "", "gitlab", {{"project_id", {"20"}, {}}}},
       {"ci", {"spiffe://acme.org/ci/release"}, {}, ""}},
      {gitlab, other});
  ASSERT_OK(rules);
  EXPECT_THAT(rules->Evaluate(Token(gitlab, kGitLab), gitlab),
              base::IsOkAndHolds(ElementsAre("ci")));
  EXPECT_THAT(rules->Evaluate(Token(other, kGitLab), other),
              base::IsOkAndHolds(IsEmpty()));
  // The certificate's rule is not for the JWT-SVID of the same name.
  const TokenIssuer spiffe = Issuer("spiffe");
  EXPECT_THAT(rules->Evaluate(Token(spiffe, kSpiffe), spiffe),
              base::IsOkAndHolds(IsEmpty()));
}

TEST(TokenGroups, OfADirectoryCountWhereTheyAreGrantable) {
  TokenIssuer issuer = Issuer("entra");
  issuer.group_claims = {"groups", "roles"};
  issuer.grantable_groups = {"0b1f5b1e-1111-4222-8333-944445555666",
                             "Release.Approve"};
  const auto rules = GroupRules::Compile({}, {issuer});
  ASSERT_OK(rules);
  EXPECT_THAT(
      rules->groups(),
      ElementsAre("0b1f5b1e-1111-4222-8333-944445555666", "Release.Approve"));
  EXPECT_THAT(rules->Evaluate(Token(issuer, kEntraV2Person), issuer),
              base::IsOkAndHolds(ElementsAre(
                  "0b1f5b1e-1111-4222-8333-944445555666", "Release.Approve")));
}

// Entra ID leaves the list out where it is too long for a token.
class TooManyGroups : public testing::TestWithParam<const char*> {};
TEST_P(TooManyGroups, AreUnknownWhereSomethingLooksAtThem) {
  const TokenIssuer issuer = Issuer("entra");
  const std::string payload = absl::StrCat(
      R"({"tid": "t", "oid": "o", "roles": ["R"], )", GetParam(), "}");
  const VerifiedToken token = Token(issuer, payload.c_str());

  const auto by_group =
      GroupRules::Compile({{"r", {}, {}, "", "entra", {{"roles", {"R"}, {}}}},
                           {"g", {}, {}, "", "entra", {{"groups", {"x"}, {}}}}},
                          {issuer});
  ASSERT_OK(by_group);
  const auto refused = by_group->Evaluate(token, issuer);
  EXPECT_THAT(refused, HasReason("TOKEN_GROUPS_UNKNOWN"));
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("roles (\"roles\")"));

  TokenIssuer direct = issuer;
  direct.group_claims = {"groups"};
  direct.grantable_groups = {"x"};
  EXPECT_THAT(GroupRules().Evaluate(token, direct),
              HasReason("TOKEN_GROUPS_UNKNOWN"));

  const auto by_role = GroupRules::Compile(
      {{"r", {}, {}, "", "entra", {{"roles", {"R"}, {}}}}}, {issuer});
  ASSERT_OK(by_role);
  EXPECT_THAT(by_role->Evaluate(token, issuer),
              base::IsOkAndHolds(ElementsAre("r")));
}
INSTANTIATE_TEST_SUITE_P(Forms, TooManyGroups,
                         testing::Values(
                             R"("_claim_names": {"groups": "src1"},
           "_claim_sources": {"src1": {"endpoint": "https://graph"}})",
                             R"("hasgroups": true)", R"("hasgroups": "true")"));

TEST(GroupRules, RefuseClaimsWithoutAnIssuerAndIssuersThatAreNotThere) {
  const auto rules =
      GroupRules::Compile({{"a", {}, {}, "", "", {{"ref", {"x"}, {}}}},
                           {"b", {}, {}, "", "githb", {{"ref", {"x"}, {}}}}},
                          {Issuer("gitlab"), Issuer("entra")});
  const auto details = base::GetErrorDetails(rules.status());
  ASSERT_TRUE(details.has_value());
  ASSERT_EQ(details->field_violations.size(), 2u);
  EXPECT_EQ(details->field_violations[0].field, "group_rules[0].claims");
  EXPECT_THAT(details->field_violations[0].description,
              HasSubstr("name the token_issuer"));
  EXPECT_EQ(details->field_violations[1].field, "group_rules[1].token_issuer");
  EXPECT_THAT(details->field_violations[1].description,
              HasSubstr("no issuer is named \"githb\"; token_issuers has "
                        "gitlab, entra"));
}

}  // namespace
}  // namespace countersign::auth
