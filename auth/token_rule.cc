#include "auth/token_rule.h"

#include <algorithm>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "auth/claim_text.h"

namespace countersign::auth {

std::string OutermostClaim(absl::string_view claim) {
  if (!absl::ConsumePrefix(&claim, "/")) return std::string(claim);
  // RFC 6901 4: "~1" first, so that "~01" becomes "~1".
  return absl::StrReplaceAll(
      absl::StrReplaceAll(claim.substr(0, claim.find('/')), {{"~1", "/"}}),
      {{"~0", "~"}});
}

TokenRule::TokenRule(const GroupRule& rule)
    : group_(rule.group),
      subjects_(rule.subjects.begin(), rule.subjects.end()),
      claims_(rule.claims) {
  for (absl::string_view pattern : rule.subject_patterns) {
    if (absl::ConsumePrefix(&pattern, kTokenPrefix)) {
      token_patterns_.emplace_back(pattern);
    } else if (absl::StatusOr<SubjectPattern> spiffe =
                   SubjectPattern::Compile(pattern);
               spiffe.ok()) {
      spiffe_patterns_.push_back(*std::move(spiffe));
    }
  }
}

std::set<std::string> TokenRule::ClaimsLookedAt() const {
  std::set<std::string> names;
  for (const core::ClaimRule& rule : claims_) {
    names.insert(OutermostClaim(rule.claim));
  }
  return names;
}

bool TokenRule::AdmitsSubject(absl::string_view subject) const {
  if (subjects_.empty() && spiffe_patterns_.empty() &&
      token_patterns_.empty()) {
    return true;
  }
  if (subjects_.count(std::string(subject)) > 0) return true;
  absl::string_view rest = subject;
  if (absl::ConsumePrefix(&rest, kTokenPrefix)) {
    return std::any_of(token_patterns_.begin(), token_patterns_.end(),
                       [rest](const std::string& pattern) {
                         return core::MatchesClaimPattern(pattern, rest);
                       });
  }
  return std::any_of(spiffe_patterns_.begin(), spiffe_patterns_.end(),
                     [subject](const SubjectPattern& pattern) {
                       return pattern.Matches(subject);
                     });
}

bool TokenRule::IsMetBy(const VerifiedToken& token) const {
  return AdmitsSubject(token.subject) &&
         std::all_of(claims_.begin(), claims_.end(),
                     [&](const core::ClaimRule& rule) {
                       const std::vector<std::string> values =
                           ClaimTexts(token.claims, rule.claim);
                       return std::any_of(values.begin(), values.end(),
                                          [&rule](const std::string& value) {
                                            return rule.IsMetBy(value);
                                          });
                     });
}

}  // namespace countersign::auth
