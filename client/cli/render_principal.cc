#include "client/cli/render_principal.h"

#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/encoding.h"

namespace countersign::client {
namespace {

struct Word {
  const char* claim;
  const char* word;
};

// Claims of GitHub Actions (and Forgejo), GitLab, Buildkite, Kubernetes, Entra
// ID and Google, in the order that an approver asks: what, from where, by what,
// by whom.
constexpr Word kWords[] = {
    {"repository", "Repository"},
    {"project_path", "Repository"},
    {"organization_slug", "Organisation"},
    {"pipeline_slug", "Pipeline"},
    {"/kubernetes.io/namespace", "Namespace"},
    {"/kubernetes.io/serviceaccount/name", "Service account"},
    {"ref", "Ref"},
    {"build_branch", "Ref"},
    {"build_tag", "Tag"},
    {"ref_type", "Kind of ref"},
    {"ref_protected", "Ref is protected"},
    {"sha", "Commit"},
    {"build_commit", "Commit"},
    {"workflow", "Workflow name"},
    {"workflow_ref", "Workflow"},
    {"ci_config_ref_uri", "Workflow"},
    {"job_workflow_ref", "Workflow of the job"},
    {"event_name", "Event"},
    {"pipeline_source", "Event"},
    {"build_source", "Event"},
    {"environment", "Environment"},
    {"environment_protected", "Environment is protected"},
    {"run_id", "Run"},
    {"pipeline_id", "Pipeline id"},
    {"build_number", "Run"},
    {"run_attempt", "Attempt"},
    {"job_id", "Job"},
    {"step_key", "Step"},
    {"/kubernetes.io/pod/name", "Pod"},
    {"runner_environment", "Runner"},
    {"actor", "Actor"},
    {"user_login", "Actor"},
    {"app_displayname", "Application"},
    {"preferred_username", "Account"},
    {"email", "Account"},
    {"name", "Name"},
};

// An empty value would look like one that is missing.
std::string Value(const std::string& value) {
  return value.empty() ? "(empty)" : base::EscapeForDisplay(value);
}

template <typename Texts>
void AddQuoted(const Texts& texts, std::vector<std::string>& parts) {
  for (const std::string& text : texts) {
    parts.push_back(absl::StrCat("\"", base::EscapeForDisplay(text), "\""));
  }
}

}  // namespace

std::string RenderPrincipal(const v1::Principal& principal) {
  // Each piece on its own line and only there: a subject with a line break in
  // it cannot write a line of groups.
  std::string text = base::EscapeForDisplay(principal.subject());
  const auto add = [&text](absl::string_view label, absl::string_view value) {
    if (value.empty()) return;
    absl::StrAppend(&text, "\n", label, base::EscapeForDisplay(value));
  };
  add("person: ", principal.person());
  add("groups: ", absl::StrJoin(principal.groups(), ", "));
  add("vouched for by ", principal.issuer());
  add("over a connection of ", principal.certificate_subject());
  return text;
}

std::string RenderPrincipalShort(const v1::Principal& principal) {
  std::vector<std::string> parts;
  if (!principal.person().empty()) {
    parts.push_back("person " + base::EscapeForDisplay(principal.person()));
  }
  // Subjects of certificates name their world; those of tokens are an issuer's.
  if (principal.credential() == v1::Principal::BEARER_TOKEN) {
    parts.push_back("by " + base::EscapeForDisplay(principal.issuer()));
  }
  return absl::StrCat(
      base::EscapeForDisplay(principal.subject()),
      parts.empty() ? "" : absl::StrCat(" (", absl::StrJoin(parts, "; "), ")"));
}

std::string RenderClaims(const v1::Principal& principal) {
  // The map of the wire has no order; people want one.
  std::map<std::string, std::string> claims(principal.claims().begin(),
                                            principal.claims().end());
  if (claims.empty()) return "";
  std::vector<std::string> lines = {"issuer: " +
                                    base::EscapeForDisplay(principal.issuer())};
  for (const Word& word : kWords) {
    const auto found = claims.find(word.claim);
    if (found == claims.end()) continue;
    lines.push_back(absl::StrCat(word.word, ": ", Value(found->second)));
    claims.erase(found);
  }
  for (const auto& [claim, value] : claims) {
    lines.push_back(
        absl::StrCat(base::EscapeForDisplay(claim), " = ", Value(value)));
  }
  return absl::StrJoin(lines, "\n");
}

std::string RenderClaimRule(const v1::ClaimRule& rule) {
  std::vector<std::string> values;
  AddQuoted(rule.values(), values);
  std::vector<std::string> patterns;
  AddQuoted(rule.patterns(), patterns);
  std::string text = base::EscapeForDisplay(rule.claim());
  if (!values.empty()) {
    absl::StrAppend(&text, " is ", absl::StrJoin(values, " or "));
  }
  if (!patterns.empty()) {
    absl::StrAppend(&text, values.empty() ? "" : " or", " matches ",
                    absl::StrJoin(patterns, " or "));
  }
  return text;
}

}  // namespace countersign::client
