#include "auth/group_rules.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "auth/claim_text.h"
#include "auth/subject_syntax.h"
#include "auth/token_rule_checks.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/json.h"
#include "core/errors.h"

namespace countersign::auth {
namespace {

constexpr size_t kMaxGroupName = 63;

std::vector<base::FieldViolation> CheckCertificateRule(
    const GroupRule& rule, const std::string& path) {
  std::vector<base::FieldViolation> out;
  const auto add = [&](const std::string& field, const absl::Status& status) {
    if (status.ok()) return;
    out.push_back({absl::StrCat(path, field), std::string(status.message())});
  };
  if (!rule.claims.empty()) {
    out.push_back({path + ".claims",
                   "are of tokens; name the token_issuer whose tokens have "
                   "them"});
  } else if (rule.subjects.empty() && rule.subject_patterns.empty()) {
    out.push_back({path, "matches nobody: give subjects or subject_patterns"});
  }
  for (size_t k = 0; k < rule.subjects.size(); ++k) {
    add(absl::StrCat(".subjects[", k, "]"),
        CheckCertificateSubject(rule.subjects[k]));
  }
  for (size_t k = 0; k < rule.subject_patterns.size(); ++k) {
    add(absl::StrCat(".subject_patterns[", k, "]"),
        SubjectPattern::Compile(rule.subject_patterns[k]).status());
  }
  return out;
}

std::vector<base::FieldViolation> CheckRule(
    const GroupRule& rule, const std::vector<TokenIssuer>& issuers,
    const std::string& path) {
  if (rule.token_issuer.empty()) return CheckCertificateRule(rule, path);
  std::vector<std::string> names;
  for (const TokenIssuer& issuer : issuers) {
    if (issuer.name == rule.token_issuer) {
      return CheckTokenRule(rule, issuer, path);
    }
    names.push_back(issuer.name);
  }
  return {
      {path + ".token_issuer",
       absl::StrCat(
           "no issuer is named \"", base::EscapeForDisplay(rule.token_issuer),
           "\"; token_issuers has ",
           names.empty() ? std::string("none") : absl::StrJoin(names, ", "))}};
}

// Whether the issuer left the claim out of the token because it is too long for
// one (OpenID Connect Core 1.0 5.6.2; `hasgroups` is Entra ID's own).
bool IsLeftOut(const base::Json& claims, const std::string& claim) {
  if (claims.Find(claim) != nullptr) return false;
  const base::Json* names = claims.Find("_claim_names");
  if (names != nullptr && names->Find(claim) != nullptr) return true;
  return claim == "groups" && ClaimText(claims, "hasgroups") == "true";
}

absl::Status GroupsUnknown(const std::string& claim) {
  return core::error::TokenRefused(
      "TOKEN_GROUPS_UNKNOWN",
      absl::StrCat("its issuer left out \"", claim,
                   "\", as it is too long; let it send only \"groups assigned "
                   "to the application\", or write rules for application "
                   "roles (\"roles\")"));
}

}  // namespace

absl::Status CheckCertificateSubject(absl::string_view subject) {
  if (absl::StrContains(subject, '*')) {
    return absl::InvalidArgumentError(
        "holds \"*\"; patterns belong into subject_patterns");
  }
  if (base::EscapeForDisplay(subject) != subject) {
    return absl::InvalidArgumentError("holds control characters");
  }
  if (absl::StartsWith(subject, kSpiffePrefix)) return CheckSpiffeId(subject);
  absl::string_view rest = subject;
  if (absl::ConsumePrefix(&rest, kEmailPrefix)) return CheckEmail(rest);
  if (absl::ConsumePrefix(&rest, kSubjectPrefix)) {
    if (absl::StrContains(rest, '=')) return absl::OkStatus();
    return absl::InvalidArgumentError(
        "is no distinguished name, as in \"subject:CN=Ann,O=Example\"");
  }
  return absl::InvalidArgumentError(
      "must start with \"spiffe://\", \"email:\" or \"subject:\"");
}

bool IsValidGroupName(absl::string_view name) {
  return !name.empty() && name.size() <= kMaxGroupName &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
         });
}

absl::StatusOr<GroupRules> GroupRules::Compile(
    const std::vector<GroupRule>& rules,
    const std::vector<TokenIssuer>& issuers) {
  GroupRules out;
  base::ErrorDetails mistakes;
  mistakes.reason = "BAD_GROUP_RULES";
  for (size_t i = 0; i < rules.size(); ++i) {
    const std::string path = absl::StrCat("group_rules[", i, "]");
    if (!IsValidGroupName(rules[i].group)) {
      mistakes.field_violations.push_back(
          {path + ".group",
           "must be 1 to 63 letters, digits, \".\", \"_\" or \"-\""});
    }
    std::vector<base::FieldViolation> wrong =
        CheckRule(rules[i], issuers, path);
    if (wrong.empty()) out.Add(rules[i]);
    mistakes.field_violations.insert(mistakes.field_violations.end(),
                                     wrong.begin(), wrong.end());
  }
  for (const TokenIssuer& issuer : issuers) {
    out.groups_.insert(issuer.grantable_groups.begin(),
                       issuer.grantable_groups.end());
  }
  if (mistakes.field_violations.empty()) return out;
  return base::MakeError(absl::StatusCode::kInvalidArgument,
                         absl::StrCat(mistakes.field_violations[0].field, " ",
                                      mistakes.field_violations[0].description),
                         mistakes);
}

void GroupRules::Add(const GroupRule& rule) {
  groups_.insert(rule.group);
  if (!rule.token_issuer.empty()) {
    token_rules_[rule.token_issuer].emplace_back(rule);
    return;
  }
  const Grant grant = {rule.group, rule.issuer};
  for (const std::string& subject : rule.subjects) {
    exact_[CanonicalSubject(subject)].push_back(grant);
  }
  for (const std::string& text : rule.subject_patterns) {
    absl::StatusOr<SubjectPattern> pattern = SubjectPattern::Compile(text);
    if (pattern.ok()) patterns_.push_back({*std::move(pattern), grant});
  }
}

std::set<std::string> GroupRules::Evaluate(absl::string_view subject,
                                           absl::string_view issuer) const {
  std::set<std::string> groups;
  const auto exact = exact_.find(std::string(subject));
  if (exact != exact_.end()) {
    for (const Grant& grant : exact->second) {
      if (grant.Admits(issuer)) groups.insert(grant.group);
    }
  }
  for (const PatternGrant& p : patterns_) {
    if (p.grant.Admits(issuer) && p.pattern.Matches(subject)) {
      groups.insert(p.grant.group);
    }
  }
  return groups;
}

absl::StatusOr<std::set<std::string>> GroupRules::Evaluate(
    const VerifiedToken& token, const TokenIssuer& issuer) const {
  std::set<std::string> groups;
  const auto found = token_rules_.find(issuer.name);
  if (found != token_rules_.end()) {
    for (const TokenRule& rule : found->second) {
      for (const std::string& claim : rule.ClaimsLookedAt()) {
        if (IsLeftOut(token.claims, claim)) return GroupsUnknown(claim);
      }
      if (rule.IsMetBy(token)) groups.insert(rule.group());
    }
  }
  for (const std::string& claim : issuer.group_claims) {
    const std::string outermost = OutermostClaim(claim);
    if (IsLeftOut(token.claims, outermost)) return GroupsUnknown(outermost);
    for (const std::string& value : ClaimTexts(token.claims, claim)) {
      if (issuer.grantable_groups.count(value) > 0) groups.insert(value);
    }
  }
  return groups;
}

}  // namespace countersign::auth
