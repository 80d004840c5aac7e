// Whether a group rule says whose tokens it is for. An issuer with many
// customers signs for all of them: a rule that looks at a branch alone would be
// for everybody's. For token_rule_checks.h. Pure.
#ifndef COUNTERSIGN_AUTH_TOKEN_TENANT_H_
#define COUNTERSIGN_AUTH_TOKEN_TENANT_H_

#include "absl/strings/string_view.h"
#include "auth/group_rule.h"
#include "auth/issuer_profile.h"
#include "auth/token_issuer.h"

namespace countersign::auth {

// How the issuer's profile knows the claim; nullptr where the claim says
// nothing of the tenant.
const TenantClaim* FindTenantClaim(const TokenIssuer& issuer,
                                   absl::string_view claim);

// One of the tenant_claims is spelled out, in each of its values and patterns:
// by the rule's subjects or claims, or by the issuer's required_claims. True
// where the issuer has no tenant_claims.
bool SaysWhose(const GroupRule& rule, const TokenIssuer& issuer);

}  // namespace countersign::auth

#endif  // COUNTERSIGN_AUTH_TOKEN_TENANT_H_
