// What the tokens of each kind of issuer look like: which claims name the
// caller, say whose it is and are worth keeping, and which claims only seem to.
// A table for the configuration's defaults (server/config) and for the checks
// of group rules; docs/identity.md has a section for each row. Pure.
#ifndef COUNTERSIGN_AUTH_ISSUER_PROFILE_H_
#define COUNTERSIGN_AUTH_ISSUER_PROFILE_H_

#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "auth/token_algorithm.h"

namespace countersign::auth {

// A claim that says which of an issuer's many customers, projects or callers a
// token belongs to: a group rule has to pin one, or it is for everybody.
struct TenantClaim {
  enum class Where {
    kFirstPart,    // "acme/app": the owner
    kAfterPrefix,  // "repo:acme/app:ref:...": what follows the prefix
    kBehindAt,     // "ci@acme.org": the domain
    kAfterJob,     // "https://ci.example.org/job/acme/...": the first job
    kExact,        // numbers, GUIDs, names without parts: values alone
  };

  std::string claim;
  Where where = Where::kExact;
  // Of kAfterPrefix: "repo:". What begins otherwise says nothing of the tenant.
  std::vector<std::string> prefixes = {};
};

struct IssuerProfile {
  std::string name;
  std::set<TokenAlgorithm> algorithms;
  std::vector<std::string> subject_claims;
  std::vector<std::string> recorded_claims;
  // Empty: who may have a token of this issuer at all is the site's own matter.
  std::vector<TenantClaim> tenant_claims;
  // Claims that no rule may look at, as callers or their admins write what they
  // like there, and what to use instead.
  std::vector<std::string> mutable_claims;
  std::string instead;

  std::set<std::string> TenantClaimNames() const;
};

// nullptr where there is none of that name.
const IssuerProfile* FindIssuerProfile(absl::string_view name);
// "github-actions, gitlab, ...": for messages.
std::vector<std::string> IssuerProfileNames();

// Whether `text`, a value or a pattern (core/claim_rule.h), spells out in
// `claim` whose token it is.
bool PinsTenant(const TenantClaim& claim, absl::string_view text);

}  // namespace countersign::auth

#endif  // COUNTERSIGN_AUTH_ISSUER_PROFILE_H_
