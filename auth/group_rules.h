// Which groups a subject is in, by the rules of the configuration. Compiled
// once and immutable; evaluation is pure, linear in the length of the subject,
// and knows no regular expressions. Authenticator calls it for each new caller.
#ifndef COUNTERSIGN_AUTH_GROUP_RULES_H_
#define COUNTERSIGN_AUTH_GROUP_RULES_H_

#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "auth/subject_pattern.h"
#include "auth/token_issuer.h"
#include "auth/verify_token.h"
#include "core/claim_rule.h"

namespace countersign::auth {

// One rule as it is written; config/v1/config.proto says what each field means.
struct GroupRule {
  std::string group;
  std::vector<std::string> subjects;
  std::vector<std::string> subject_patterns;
  std::string issuer;  // empty: any
  // Name of a token issuer: for its tokens only. Empty: for certificates only.
  std::string token_issuer;
  // With token_issuer: all must hold.
  std::vector<core::ClaimRule> claims;
};

// 1..63 characters: letters, digits, ".", "_", "-".
bool IsValidGroupName(absl::string_view name);

class GroupRules {
 public:
  // No rules: nobody is in any group.
  GroupRules() = default;

  // INVALID_ARGUMENT, reason BAD_GROUP_RULES, with one field violation for each
  // mistake ("group_rules[2].subject_patterns[0]"): malformed group names or
  // subjects, rules that match nobody, patterns that match too much.
  // For rules with token_issuer also: issuers that are not there, claim rules
  // that could be fooled (core/claim_rule.h), GUIDs in upper case, and rules
  // for an issuer with many tenants that pin none of its tenant_claims.
  static absl::StatusOr<GroupRules> Compile(
      const std::vector<GroupRule>& rules,
      const std::vector<TokenIssuer>& issuers = {});

  // Of a certificate.
  std::set<std::string> Evaluate(absl::string_view subject,
                                 absl::string_view issuer) const;
  // Of a token. UNAUTHENTICATED TOKEN_GROUPS_UNKNOWN where rules look at a
  // claim that the issuer left out because it was too long (Entra ID:
  // `_claim_names`, `hasgroups`): nobody is let in or kept out by a list that
  // is not there.
  absl::StatusOr<std::set<std::string>> Evaluate(
      const VerifiedToken& token, const TokenIssuer& issuer) const;

  // Groups that some rule can give.
  const std::set<std::string>& groups() const { return groups_; }

 private:
  struct Grant {
    std::string group;
    std::string issuer;

    bool Admits(absl::string_view caller_issuer) const {
      return issuer.empty() || issuer == caller_issuer;
    }
  };
  struct PatternGrant {
    SubjectPattern pattern;
    Grant grant;
  };

  std::unordered_map<std::string, std::vector<Grant>> exact_;
  std::vector<PatternGrant> patterns_;
  std::set<std::string> groups_;
};

}  // namespace countersign::auth

#endif  // COUNTERSIGN_AUTH_GROUP_RULES_H_
