// The site's roles and groups, as the configuration names them: an immutable
// snapshot that is swapped when the file changes. A regular value.
#ifndef COUNTERSIGN_CORE_POLICY_H_
#define COUNTERSIGN_CORE_POLICY_H_

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "core/issuing_ca.h"
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
  // (subject, issuer) to the person whom they are.
  std::map<std::pair<std::string, std::string>, std::string> people;
  // Claims of tokens that are kept with a request; a rule of a product may
  // require no other.
  std::set<std::string> known_claims;
  // The site's own certificate authorities.
  std::vector<IssuingCa> issuing_cas;
  // Between the decision to destroy a key version and its destruction.
  absl::Duration key_destroy_delay = absl::Hours(24 * 30);

  bool IsAdministrator(const Principal& p) const;
  bool IsProductApprover(const Principal& p) const;
  bool IsAuditor(const Principal& p) const;
  bool HasToken(const std::string& name) const;
  // The same human: by what was recorded with each, or by `people` as it is
  // now. In doubt they are: nobody agrees to what is perhaps their own.
  bool SamePerson(const Principal& a, const Principal& b) const;
  // The authority and profile of that id ("" for the first there is); nullptrs
  // where there is none.
  std::pair<const IssuingCa*, const CertificateProfile*> FindProfile(
      const std::string& profile_id) const;
  const IssuingCa* FindIssuingCa(const std::string& name) const;
};

// True where the two sets share an element.
bool Intersects(const std::set<std::string>& a, const std::set<std::string>& b);

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_POLICY_H_
