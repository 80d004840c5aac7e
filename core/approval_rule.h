// Who may ask and who must agree: the rule of an operation, and its pure
// evaluation. Pinned into each signing request when it is created.
#ifndef COUNTERSIGN_CORE_APPROVAL_RULE_H_
#define COUNTERSIGN_CORE_APPROVAL_RULE_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/error.h"
#include "base/json.h"
#include "core/claim_rule.h"
#include "core/policy.h"
#include "core/principal.h"

namespace countersign::core {

struct ApprovalRule {
  std::string display_name;
  std::string description;
  // May ask.
  std::set<std::string> allowed_groups;
  // Must agree: `required_approvals` distinct members. Empty: nobody has to.
  std::set<std::string> approval_groups;
  // May ask and need no agreement.
  std::set<std::string> blanket_groups;
  // What the requester's token must have proved, all of it, beside the group:
  // who has a certificate has proved none of it.
  std::vector<ClaimRule> required_claims;
  // M of N; 0 exactly where approval_groups is empty.
  int required_approvals = 0;
  // How long a request may wait for people.
  absl::Duration request_expiry = absl::Hours(24 * 7);

  // By groups alone.
  bool MayAsk(const Principal& p) const;
  // OK, or the PERMISSION_DENIED that names the first claim that is missing and
  // what it would have to be.
  absl::Status CheckClaims(const Principal& p,
                           absl::string_view resource) const;
  bool NeedsNoApproval(const Principal& requester) const;
  bool MayApprove(const Principal& p) const;

  bool operator==(const ApprovalRule& o) const;
};

// All that is wrong with a rule when its product is created: unknown groups,
// nobody who may ask, required approvals out of range (1..16), expiry out of
// range, required claims that no issuer's tokens give or that are malformed (to
// 16 of them). `path` prefixes the fields
// ("product.operations[0].approval_rule").
std::vector<base::FieldViolation> CheckRule(const ApprovalRule& rule,
                                            const Policy& policy,
                                            const std::string& path);

// The rule as an auditor reads it, and the SHA-256 (hex) of its RFC 8785 form.
base::Json RuleJson(const ApprovalRule& rule);
std::string RuleDigest(const ApprovalRule& rule);

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_APPROVAL_RULE_H_
