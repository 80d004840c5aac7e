// Which groups a subject is in, by the rules of the configuration. Compiled
// once and immutable; evaluation is pure, linear in the length of the subject,
// and knows no regular expressions. Authenticator calls it for each new caller.
#ifndef COUNTERSIGN_AUTH_GROUP_RULES_H_
#define COUNTERSIGN_AUTH_GROUP_RULES_H_

#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "auth/group_rule.h"
#include "auth/subject_pattern.h"
#include "auth/token_issuer.h"
#include "auth/token_rule.h"
#include "auth/verified_token.h"

namespace countersign::auth {

// Of a certificate's subject as rules and people spell it. INVALID_ARGUMENT, in
// a sentence that follows the field's name.
absl::Status CheckCertificateSubject(absl::string_view subject);

// 1..63 characters: letters, digits, ".", "_", "-".
bool IsValidGroupName(absl::string_view name);

class GroupRules {
 public:
  // No rules: nobody is in any group.
  GroupRules() = default;

  // INVALID_ARGUMENT, reason BAD_GROUP_RULES, with one field violation for each
  // mistake ("group_rules[2].subject_patterns[0]"): malformed group names or
  // subjects, rules that match nobody, patterns that match too much.
  // For rules with token_issuer also: issuers that are not there, and what
  // could be fooled (token_rule_checks.h).
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

  // Groups that some rule can give, or some issuer (grantable_groups).
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

  // `rule` has passed all checks.
  void Add(const GroupRule& rule);

  std::unordered_map<std::string, std::vector<Grant>> exact_;
  std::vector<PatternGrant> patterns_;
  // By the configured name of the issuer.
  std::unordered_map<std::string, std::vector<TokenRule>> token_rules_;
  std::set<std::string> groups_;
};

}  // namespace countersign::auth

#endif  // COUNTERSIGN_AUTH_GROUP_RULES_H_
