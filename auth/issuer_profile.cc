#include "auth/issuer_profile.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/strip.h"

namespace countersign::auth {
namespace {

using Where = TenantClaim::Where;

// Claims of GitHub Actions, and of Forgejo, which writes the same ones.
// job_workflow_ref is not among them: a workflow that is shared by `uses:` says
// nothing of the repository that calls it.
std::vector<TenantClaim> RepositoryClaims() {
  return {{"repository", Where::kFirstPart},
          {"repository_id"},
          {"repository_owner"},
          {"repository_owner_id"},
          {"workflow_ref", Where::kFirstPart},
          {"sub",
           Where::kAfterPrefix,
           {"repo:", "repository:", "repository_id:", "repository_owner:",
            "repository_owner_id:"}}};
}

IssuerProfile GitHubActions() {
  IssuerProfile p;
  p.name = "github-actions";
  p.algorithms = {TokenAlgorithm::kRs256};
  p.subject_claims = {"sub"};
  p.recorded_claims = {"repository",
                       "repository_id",
                       "repository_owner",
                       "repository_owner_id",
                       "repository_visibility",
                       "ref",
                       "ref_type",
                       "ref_protected",
                       "sha",
                       "workflow",
                       "workflow_ref",
                       "workflow_sha",
                       "job_workflow_ref",
                       "job_workflow_sha",
                       "event_name",
                       "environment",
                       "runner_environment",
                       "run_id",
                       "run_number",
                       "run_attempt",
                       "actor",
                       "actor_id"};
  p.tenant_claims = RepositoryClaims();
  p.tenant_claims.push_back({"enterprise"});
  p.tenant_claims.push_back({"enterprise_id"});
  return p;
}

IssuerProfile GitLab() {
  IssuerProfile p;
  p.name = "gitlab";
  p.algorithms = {TokenAlgorithm::kRs256};
  p.subject_claims = {"sub"};
  p.recorded_claims = {"project_path",
                       "project_id",
                       "namespace_path",
                       "namespace_id",
                       "ref",
                       "ref_type",
                       "ref_path",
                       "ref_protected",
                       "sha",
                       "environment",
                       "environment_protected",
                       "deployment_tier",
                       "pipeline_id",
                       "pipeline_source",
                       "job_id",
                       "job_project_path",
                       "job_project_id",
                       "ci_config_ref_uri",
                       "ci_config_sha",
                       "runner_id",
                       "runner_environment",
                       "user_login",
                       "user_id"};
  // Not job_project_*: they say where a job ran, and a fork's merge request
  // runs in the parent.
  p.tenant_claims = {{"project_id"},
                     {"project_path", Where::kFirstPart},
                     {"namespace_id"},
                     {"namespace_path", Where::kFirstPart},
                     {"sub", Where::kAfterPrefix, {"project_path:"}}};
  return p;
}

IssuerProfile Kubernetes() {
  IssuerProfile p;
  p.name = "kubernetes";
  p.algorithms = {TokenAlgorithm::kRs256, TokenAlgorithm::kEs256};
  p.subject_claims = {"sub"};
  p.recorded_claims = {"/kubernetes.io/namespace",
                       "/kubernetes.io/serviceaccount/name",
                       "/kubernetes.io/serviceaccount/uid",
                       "/kubernetes.io/pod/name",
                       "/kubernetes.io/pod/uid",
                       "/kubernetes.io/node/name"};
  p.tenant_claims = {{"/kubernetes.io/namespace"},
                     {"/kubernetes.io/serviceaccount/uid"},
                     {"sub", Where::kAfterPrefix, {"system:serviceaccount:"}}};
  return p;
}

// Every application and account of the tenant can have tokens: a rule says
// which of them.
IssuerProfile Entra() {
  IssuerProfile p;
  p.name = "entra";
  p.algorithms = {TokenAlgorithm::kRs256};
  p.subject_claims = {"tid", "oid"};
  p.recorded_claims = {"tid",   "oid", "idtyp",
                       "appid", "azp", "app_displayname",
                       "roles", "ver", "preferred_username",
                       "name"};
  p.tenant_claims = {{"oid"},   {"sub"},    {"azp"}, {"appid"},
                     {"roles"}, {"groups"}, {"wids"}};
  p.mutable_claims = {"email", "upn", "unique_name", "preferred_username",
                      "name"};
  p.instead = "oid, groups or roles";
  return p;
}

IssuerProfile Google() {
  IssuerProfile p;
  p.name = "google";
  p.algorithms = {TokenAlgorithm::kRs256};
  p.subject_claims = {"sub"};
  p.recorded_claims = {"email",
                       "email_verified",
                       "hd",
                       "azp",
                       "/google/compute_engine/project_id",
                       "/google/compute_engine/project_number",
                       "/google/compute_engine/zone",
                       "/google/compute_engine/instance_id",
                       "/google/compute_engine/instance_name"};
  p.tenant_claims = {{"sub"},
                     {"email", Where::kBehindAt},
                     {"hd"},
                     {"/google/compute_engine/project_id"},
                     {"/google/compute_engine/project_number"},
                     {"/google/compute_engine/instance_id"}};
  return p;
}

// `sub` names commit and step: another caller with each build. The pipeline is
// who asks.
IssuerProfile Buildkite() {
  IssuerProfile p;
  p.name = "buildkite";
  p.algorithms = {TokenAlgorithm::kRs256};
  p.subject_claims = {"organization_slug", "pipeline_slug"};
  p.recorded_claims = {"organization_slug", "organization_id", "pipeline_slug",
                       "pipeline_id",       "build_number",    "build_branch",
                       "build_tag",         "build_commit",    "build_source",
                       "step_key",          "job_id",          "agent_id",
                       "runner_environment"};
  // Not sub: an agent may ask for another claim in its place.
  p.tenant_claims = {
      {"organization_slug"}, {"organization_id"}, {"pipeline_id"}};
  return p;
}

// Beside these two claims its tokens hold what an administrator's templates
// say, mostly from variables that the build sets.
IssuerProfile Jenkins() {
  IssuerProfile p;
  p.name = "jenkins";
  p.algorithms = {TokenAlgorithm::kRs256, TokenAlgorithm::kEs256};
  p.subject_claims = {"sub"};
  p.recorded_claims = {"build_number"};
  p.tenant_claims = {{"sub", Where::kAfterJob}};
  return p;
}

IssuerProfile Forgejo() {
  IssuerProfile p;
  p.name = "forgejo";
  p.algorithms = {TokenAlgorithm::kRs256};
  p.subject_claims = {"sub"};
  p.recorded_claims = {"repository",
                       "repository_id",
                       "repository_owner",
                       "repository_owner_id",
                       "ref",
                       "ref_type",
                       "ref_protected",
                       "sha",
                       "workflow",
                       "workflow_ref",
                       "event_name",
                       "run_id",
                       "run_number",
                       "run_attempt",
                       "actor",
                       "actor_id"};
  p.tenant_claims = RepositoryClaims();
  return p;
}

IssuerProfile Spiffe() {
  IssuerProfile p;
  p.name = "spiffe";
  p.algorithms = {TokenAlgorithm::kRs256, TokenAlgorithm::kEs256,
                  TokenAlgorithm::kEs384};
  return p;
}

IssuerProfile Oidc() {
  IssuerProfile p;
  p.name = "oidc";
  p.algorithms = {TokenAlgorithm::kRs256, TokenAlgorithm::kEs256};
  p.subject_claims = {"sub"};
  p.recorded_claims = {"preferred_username", "email", "email_verified", "azp"};
  return p;
}

const std::vector<IssuerProfile>& Profiles() {
  static const auto* const profiles = new std::vector<IssuerProfile>{
      GitHubActions(), GitLab(),  Kubernetes(), Entra(),  Google(),
      Buildkite(),     Jenkins(), Forgejo(),    Spiffe(), Oidc()};
  return *profiles;
}

bool IsSeparator(char c) { return c == '/' || c == ':' || c == '@'; }

bool IsSpelledOut(absl::string_view part) {
  return !part.empty() && part.find('*') == absl::string_view::npos;
}

// What stands before the first separator.
absl::string_view FirstPart(absl::string_view text) {
  const auto end = std::find_if(text.begin(), text.end(), IsSeparator);
  return text.substr(0, static_cast<size_t>(end - text.begin()));
}

}  // namespace

std::set<std::string> IssuerProfile::TenantClaimNames() const {
  std::set<std::string> names;
  for (const TenantClaim& claim : tenant_claims) names.insert(claim.claim);
  return names;
}

const IssuerProfile* FindIssuerProfile(absl::string_view name) {
  for (const IssuerProfile& profile : Profiles()) {
    if (profile.name == name) return &profile;
  }
  return nullptr;
}

std::vector<std::string> IssuerProfileNames() {
  std::vector<std::string> names;
  for (const IssuerProfile& profile : Profiles()) names.push_back(profile.name);
  return names;
}

bool PinsTenant(const TenantClaim& claim, absl::string_view text) {
  switch (claim.where) {
    case Where::kExact:
      return IsSpelledOut(text);
    case Where::kFirstPart:
      return IsSpelledOut(FirstPart(text));
    case Where::kAfterPrefix:
      return std::any_of(claim.prefixes.begin(), claim.prefixes.end(),
                         [text](absl::string_view prefix) {
                           absl::string_view rest = text;
                           return absl::ConsumePrefix(&rest, prefix) &&
                                  IsSpelledOut(FirstPart(rest));
                         });
    case Where::kBehindAt: {
      const size_t at = text.rfind('@');
      return at != absl::string_view::npos && IsSpelledOut(text.substr(at + 1));
    }
    case Where::kAfterJob: {
      if (IsSpelledOut(text)) return true;
      constexpr absl::string_view kJob = "/job/";
      const size_t at = text.find(kJob);
      return at != absl::string_view::npos &&
             IsSpelledOut(FirstPart(text.substr(at + kJob.size())));
    }
  }
  return false;
}

}  // namespace countersign::auth
