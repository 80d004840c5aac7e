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

bool Policy::SamePerson(const Principal& a, const Principal& b) const {
  if (a.SamePerson(b)) return true;
  const auto names = [this](const Principal& p) {
    std::set<std::string> out;
    if (!p.person.empty()) out.insert(p.person);
    const auto found = people.find({p.subject, p.issuer});
    if (found != people.end()) out.insert(found->second);
    return out;
  };
  return Intersects(names(a), names(b));
}

std::pair<const IssuingCa*, const CertificateProfile*> Policy::FindProfile(
    const std::string& profile_id) const {
  for (const IssuingCa& ca : issuing_cas) {
    for (const CertificateProfile& profile : ca.profiles) {
      if (profile_id.empty() || profile.id == profile_id) {
        return {&ca, &profile};
      }
    }
  }
  return {nullptr, nullptr};
}

const IssuingCa* Policy::FindIssuingCa(const std::string& name) const {
  for (const IssuingCa& ca : issuing_cas) {
    if (ca.name == name) return &ca;
  }
  return nullptr;
}

bool Intersects(const std::set<std::string>& a,
                const std::set<std::string>& b) {
  for (const std::string& element : a) {
    if (b.count(element) != 0) return true;
  }
  return false;
}

}  // namespace countersign::core
