#include "auth/issuer_profile.h"

#include <algorithm>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::auth {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

TEST(IssuerProfile, IsFoundByItsNameAlone) {
  EXPECT_THAT(
      IssuerProfileNames(),
      ElementsAre("github-actions", "gitlab", "kubernetes", "entra", "google",
                  "buildkite", "jenkins", "forgejo", "spiffe", "oidc"));
  for (const std::string& name : IssuerProfileNames()) {
    ASSERT_NE(FindIssuerProfile(name), nullptr);
    EXPECT_EQ(FindIssuerProfile(name)->name, name);
  }
  EXPECT_EQ(FindIssuerProfile("GitLab"), nullptr);
  EXPECT_EQ(FindIssuerProfile(""), nullptr);
}

TEST(IssuerProfile, HasWhatEachIssuerNeeds) {
  for (const std::string& name : IssuerProfileNames()) {
    SCOPED_TRACE(name);
    const IssuerProfile& profile = *FindIssuerProfile(name);
    EXPECT_THAT(profile.algorithms, Not(IsEmpty()));
    EXPECT_LE(profile.recorded_claims.size(), 32u);
    // A JWT-SVID's subject is its SPIFFE ID, whatever the configuration says.
    EXPECT_EQ(profile.subject_claims.empty(), name == "spiffe");
    EXPECT_EQ(profile.mutable_claims.empty(), profile.instead.empty());
    // None twice.
    EXPECT_THAT(profile.TenantClaimNames(),
                SizeIs(profile.tenant_claims.size()));
  }
}

TEST(IssuerProfile, KeepsWhatApproversAskFor) {
  for (const char* claim : {"repository", "ref", "ref_protected", "sha",
                            "workflow_ref", "run_id", "environment", "actor"}) {
    EXPECT_THAT(FindIssuerProfile("github-actions")->recorded_claims,
                Contains(claim));
  }
  for (const char* claim : {"project_path", "ref", "ref_protected", "sha",
                            "pipeline_id", "environment", "user_login"}) {
    EXPECT_THAT(FindIssuerProfile("gitlab")->recorded_claims, Contains(claim));
  }
  for (const char* claim :
       {"organization_slug", "pipeline_slug", "build_commit", "build_branch"}) {
    EXPECT_THAT(FindIssuerProfile("buildkite")->recorded_claims,
                Contains(claim));
  }
}

TEST(IssuerProfile, DoesNotTakeForTheOwnerWhatOthersCanWrite) {
  EXPECT_THAT(FindIssuerProfile("github-actions")->TenantClaimNames(),
              Not(Contains("job_workflow_ref")));
  EXPECT_THAT(FindIssuerProfile("gitlab")->TenantClaimNames(),
              Not(Contains("job_project_path")));
  EXPECT_THAT(FindIssuerProfile("buildkite")->TenantClaimNames(),
              Not(Contains("sub")));
}

TenantClaim Claim(const char* profile, const char* name) {
  const auto& claims = FindIssuerProfile(profile)->tenant_claims;
  const auto found =
      std::find_if(claims.begin(), claims.end(),
                   [name](const TenantClaim& c) { return c.claim == name; });
  EXPECT_NE(found, claims.end()) << profile << " " << name;
  return *found;
}

TEST(PinsTenant, AsksForTheNameOfTheTenant) {
  const struct {
    const char* profile;
    const char* claim;
    const char* text;
    bool pins;
  } kCases[] = {
      {"github-actions", "repository", "acme/app", true},
      {"github-actions", "repository", "acme/*", true},
      {"github-actions", "repository_id", "123", true},
      {"github-actions", "sub", "repo:acme/app:ref:refs/heads/main", true},
      {"github-actions", "sub", "repo:acme/*:ref:refs/heads/main", true},
      {"github-actions", "sub", "repo:acme@17/app@18:environment:prod", true},
      {"github-actions", "sub", "repo:*/app:ref:refs/heads/main", false},
      {"github-actions", "sub", "repo:", false},
      // What `sub` is made of can be changed for each repository.
      {"github-actions", "sub", "environment:prod:repo:acme/app", false},
      {"github-actions", "sub", "repository_owner_id:7:ref:x", true},
      {"gitlab", "sub", "project_path:acme/app:ref_type:tag:ref:*", true},
      {"gitlab", "sub", "project_path:*/app:ref_type:tag:ref:v1", false},
      {"gitlab", "namespace_path", "acme", true},
      {"kubernetes", "sub", "system:serviceaccount:release:*", true},
      {"kubernetes", "sub", "system:serviceaccount:*:builder", false},
      {"kubernetes", "sub", "system:node:a", false},
      {"google", "email", "ci@acme.iam.gserviceaccount.com", true},
      {"google", "email", "ci@*", false},
      {"google", "email", "ci", false},
      {"google", "hd", "acme.org", true},
      {"buildkite", "organization_slug", "acme", true},
      {"jenkins", "sub", "https://ci.example.org/job/release/job/app/", true},
      {"jenkins", "sub", "https://ci.example.org/job/release/job/*/", true},
      {"jenkins", "sub", "https://ci.example.org/job/*/", false},
      {"jenkins", "sub", "https://ci.example.org/*/release/", false},
      {"forgejo", "sub", "repo:acme-5/app-4:ref:refs/heads/main", true},
      {"entra", "roles", "Sign.Release", true},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(PinsTenant(Claim(c.profile, c.claim), c.text), c.pins)
        << c.profile << " " << c.claim << " " << c.text;
  }
}

}  // namespace
}  // namespace countersign::auth
