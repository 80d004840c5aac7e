// A group rule for the tokens of one issuer: whether a token meets it.
// group_rules.h gathers them, token_rule_checks.h judges them before. Pure and
// immutable.
#ifndef COUNTERSIGN_AUTH_TOKEN_RULE_H_
#define COUNTERSIGN_AUTH_TOKEN_RULE_H_

#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "auth/group_rule.h"
#include "auth/subject_pattern.h"
#include "auth/verified_token.h"
#include "core/claim_rule.h"

namespace countersign::auth {

// What subjects of tokens begin with, but for those of JWT-SVIDs.
inline constexpr char kTokenPrefix[] = "token:";

class TokenRule {
 public:
  // `rule` has passed CheckTokenRule.
  explicit TokenRule(const GroupRule& rule);

  const std::string& group() const { return group_; }
  // The names of claims that it asks for; of a JSON pointer the outermost.
  std::set<std::string> ClaimsLookedAt() const;
  // One of the subjects and patterns, where there are any, and every claim; of
  // a claim with several values one.
  bool IsMetBy(const VerifiedToken& token) const;

 private:
  bool AdmitsSubject(absl::string_view subject) const;

  std::string group_;
  std::set<std::string> subjects_;
  std::vector<SubjectPattern> spiffe_patterns_;
  std::vector<std::string> token_patterns_;  // without "token:"
  std::vector<core::ClaimRule> claims_;
};

// "kubernetes.io" of "/kubernetes.io/namespace"; a plain name is itself.
std::string OutermostClaim(absl::string_view claim);

}  // namespace countersign::auth

#endif  // COUNTERSIGN_AUTH_TOKEN_RULE_H_
