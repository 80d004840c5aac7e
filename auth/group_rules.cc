#include "auth/group_rules.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "auth/subject_syntax.h"
#include "base/encoding.h"
#include "base/error.h"

namespace countersign::auth {
namespace {

constexpr size_t kMaxGroupName = 63;

absl::Status CheckSubject(absl::string_view subject) {
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

}  // namespace

bool IsValidGroupName(absl::string_view name) {
  return !name.empty() && name.size() <= kMaxGroupName &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
         });
}

absl::StatusOr<GroupRules> GroupRules::Compile(
    const std::vector<GroupRule>& rules,
    const std::vector<TokenIssuer>& /*issuers*/) {
  GroupRules out;
  base::ErrorDetails mistakes;
  mistakes.reason = "BAD_GROUP_RULES";
  const auto wrong = [&](std::string field, absl::string_view why) {
    mistakes.field_violations.push_back({std::move(field), std::string(why)});
  };
  for (size_t i = 0; i < rules.size(); ++i) {
    const GroupRule& rule = rules[i];
    const std::string path = absl::StrCat("group_rules[", i, "]");
    if (!IsValidGroupName(rule.group)) {
      wrong(path + ".group",
            "must be 1 to 63 letters, digits, \".\", \"_\" or \"-\"");
    }
    if (rule.subjects.empty() && rule.subject_patterns.empty()) {
      wrong(path, "matches nobody: give subjects or subject_patterns");
    }
    const Grant grant = {rule.group, rule.issuer};
    for (size_t k = 0; k < rule.subjects.size(); ++k) {
      const absl::Status status = CheckSubject(rule.subjects[k]);
      if (!status.ok()) {
        wrong(absl::StrCat(path, ".subjects[", k, "]"), status.message());
      }
      out.exact_[CanonicalSubject(rule.subjects[k])].push_back(grant);
    }
    for (size_t k = 0; k < rule.subject_patterns.size(); ++k) {
      absl::StatusOr<SubjectPattern> pattern =
          SubjectPattern::Compile(rule.subject_patterns[k]);
      if (pattern.ok()) {
        out.patterns_.push_back({*std::move(pattern), grant});
      } else {
        wrong(absl::StrCat(path, ".subject_patterns[", k, "]"),
              pattern.status().message());
      }
    }
    out.groups_.insert(rule.group);
  }
  if (mistakes.field_violations.empty()) return out;
  return base::MakeError(absl::StatusCode::kInvalidArgument,
                         absl::StrCat(mistakes.field_violations[0].field, " ",
                                      mistakes.field_violations[0].description),
                         mistakes);
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

}  // namespace countersign::auth
