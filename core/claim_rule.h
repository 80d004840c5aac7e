// What a claim of a token has to be: exact values, and patterns that cannot be
// fooled. Both the group rules of the configuration (auth/) and the required
// claims of an operation are made of these. Pure.
#ifndef COUNTERSIGN_CORE_CLAIM_RULE_H_
#define COUNTERSIGN_CORE_CLAIM_RULE_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/error.h"
#include "base/json.h"

namespace countersign::core {

// "repo:acme/*:ref:refs/heads/main". "*" stands for one whole part, one or more
// characters without "/", ":" and "@"; everything else stands for itself, case
// included. INVALID_ARGUMENT, in a sentence, for what could be fooled: "*"
// that is not a whole part ("acme*", "acme-*/x"), "*" as the first part (who
// vouches is spelled out), and a pattern without any "*", which is a value.
absl::Status CheckClaimPattern(absl::string_view pattern);
// `pattern` has passed the check. Linear in the length of `value`.
bool MatchesClaimPattern(absl::string_view pattern, absl::string_view value);

// Met where the claim is there and equals a value or matches a pattern.
struct ClaimRule {
  // As the issuer spells it: "repository"; of a claim inside others, a JSON
  // pointer (RFC 6901): "/kubernetes.io/serviceaccount/name".
  std::string claim;
  std::set<std::string> values;
  std::set<std::string> patterns;

  bool IsMetBy(absl::string_view value) const;

  bool operator==(const ClaimRule& o) const {
    return claim == o.claim && values == o.values && patterns == o.patterns;
  }
};

// All that is wrong with one: a name that is none (1..128 octets of visible
// ASCII), neither values nor patterns, more than 64 of them, values that are
// empty, longer than 1024 octets or differ in case only (claims are compared
// exactly: which one does the issuer write?), patterns as above. `path`
// prefixes the fields ("group_rules[2].claims[0]").
std::vector<base::FieldViolation> CheckClaimRule(const ClaimRule& rule,
                                                 const std::string& path);

// The first of `rules` that `claims` do not meet; nullptr where all are met. Of
// a claim that is a list (JSON text) one element has to fit.
const ClaimRule* FirstUnmet(const std::vector<ClaimRule>& rules,
                            const std::map<std::string, std::string>& claims);

// [{"claim":...,"patterns":[...],"values":[...]}], for rules and the record.
base::Json ClaimRulesJson(const std::vector<ClaimRule>& rules);
// "ref_type is \"tag\" or \"branch\"", for errors.
std::string DescribeClaimRule(const ClaimRule& rule);

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_CLAIM_RULE_H_
