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

namespace countersign::auth {

// One rule as it is written; config/v1/config.proto says what each field means.
struct GroupRule {
  std::string group;
  std::vector<std::string> subjects;
  std::vector<std::string> subject_patterns;
  std::string issuer;  // empty: any
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
  static absl::StatusOr<GroupRules> Compile(
      const std::vector<GroupRule>& rules);

  std::set<std::string> Evaluate(absl::string_view subject,
                                 absl::string_view issuer) const;

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
