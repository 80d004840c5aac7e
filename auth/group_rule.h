// One group rule as it is written; config/v1/config.proto says what each field
// means. A plain value, judged and used by group_rules.h.
#ifndef COUNTERSIGN_AUTH_GROUP_RULE_H_
#define COUNTERSIGN_AUTH_GROUP_RULE_H_

#include <string>
#include <vector>

#include "core/claim_rule.h"

namespace countersign::auth {

struct GroupRule {
  std::string group;
  std::vector<std::string> subjects;
  std::vector<std::string> subject_patterns;
  std::string issuer;  // empty: any
  // Name of a token issuer: for its tokens only. Empty: for certificates only.
  std::string token_issuer = "";
  // With token_issuer: all must hold.
  std::vector<core::ClaimRule> claims = {};
};

}  // namespace countersign::auth

#endif  // COUNTERSIGN_AUTH_GROUP_RULE_H_
