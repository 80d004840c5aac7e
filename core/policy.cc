#include "core/policy.h"

#include <algorithm>

namespace countersign::core {

bool Policy::IsAdministrator(const Principal& p) const {
  return Intersects(administrator_groups, p.groups);
}

bool Policy::IsProductApprover(const Principal& p) const {
  return Intersects(product_approver_groups, p.groups);
}

bool Policy::IsAuditor(const Principal& p) const {
  return Intersects(auditor_groups, p.groups);
}

bool Policy::HasToken(const std::string& name) const {
  return std::find(tokens.begin(), tokens.end(), name) != tokens.end();
}

bool Intersects(const std::set<std::string>& a,
                const std::set<std::string>& b) {
  for (const std::string& element : a) {
    if (b.count(element) != 0) return true;
  }
  return false;
}

}  // namespace countersign::core
