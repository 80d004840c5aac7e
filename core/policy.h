// The site's roles and groups, as the configuration names them: an immutable
// snapshot that is swapped when the file changes. A regular value.
#ifndef COUNTERSIGN_CORE_POLICY_H_
#define COUNTERSIGN_CORE_POLICY_H_

#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "core/principal.h"

namespace countersign::core {

struct Policy {
  // Groups that any group rule can give; a rule of a product may name no other.
  std::set<std::string> known_groups;
  std::set<std::string> administrator_groups;
  std::set<std::string> product_approver_groups;
  std::set<std::string> auditor_groups;
  // Where a product's rule says nothing.
  absl::Duration default_request_expiry = absl::Hours(24 * 7);
  absl::Duration max_request_expiry = absl::Hours(24 * 90);
  // Configured names of the tokens, and the one that a product gets which names
  // none.
  std::vector<std::string> tokens;
  std::string default_token;
  // Between the decision to destroy a key version and its destruction.
  absl::Duration key_destroy_delay = absl::Hours(24 * 30);

  bool IsAdministrator(const Principal& p) const;
  bool IsProductApprover(const Principal& p) const;
  bool IsAuditor(const Principal& p) const;
  bool HasToken(const std::string& name) const;
};

// True where the two sets share an element.
bool Intersects(const std::set<std::string>& a, const std::set<std::string>& b);

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_POLICY_H_
