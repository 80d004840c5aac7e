#include "auth/token_tenant.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "auth/token_rule.h"
#include "core/claim_rule.h"

namespace countersign::auth {
namespace {

// Any value or pattern may be the one that is met: all have to say it.
bool PinsTenant(const core::ClaimRule& rule, const TokenIssuer& issuer) {
  const TenantClaim* tenant = FindTenantClaim(issuer, rule.claim);
  const auto pins = [tenant](absl::string_view text) {
    return PinsTenant(*tenant, text);
  };
  return tenant != nullptr &&
         std::all_of(rule.values.begin(), rule.values.end(), pins) &&
         std::all_of(rule.patterns.begin(), rule.patterns.end(), pins);
}

// Of a subject without "token:". Made of several claims it has as many parts.
bool SubjectPinsTenant(absl::string_view subject, const TokenIssuer& issuer) {
  const std::vector<std::string>& claims = issuer.subject_claims;
  std::vector<absl::string_view> texts = {subject};
  if (claims.size() > 1) texts = absl::StrSplit(subject, '/');
  for (size_t i = 0; i < std::min(claims.size(), texts.size()); ++i) {
    const TenantClaim* tenant = FindTenantClaim(issuer, claims[i]);
    if (tenant != nullptr && PinsTenant(*tenant, texts[i])) return true;
  }
  return false;
}

bool SubjectsPinTenant(const GroupRule& rule, const TokenIssuer& issuer) {
  const auto pins = [&issuer](absl::string_view subject) {
    return SubjectPinsTenant(absl::StripPrefix(subject, kTokenPrefix), issuer);
  };
  return rule.subjects.size() + rule.subject_patterns.size() > 0 &&
         std::all_of(rule.subjects.begin(), rule.subjects.end(), pins) &&
         std::all_of(rule.subject_patterns.begin(), rule.subject_patterns.end(),
                     pins);
}

}  // namespace

const TenantClaim* FindTenantClaim(const TokenIssuer& issuer,
                                   absl::string_view claim) {
  static const auto* const plain =
      new TenantClaim{"", TenantClaim::Where::kFirstPart};
  if (issuer.tenant_claims.count(std::string(claim)) == 0) return nullptr;
  const IssuerProfile* profile = FindIssuerProfile(issuer.profile);
  if (profile == nullptr) return plain;
  for (const TenantClaim& tenant : profile->tenant_claims) {
    if (tenant.claim == claim) return &tenant;
  }
  return plain;
}

bool SaysWhose(const GroupRule& rule, const TokenIssuer& issuer) {
  const auto pins = [&issuer](const core::ClaimRule& claim) {
    return PinsTenant(claim, issuer);
  };
  return issuer.tenant_claims.empty() || SubjectsPinTenant(rule, issuer) ||
         std::any_of(rule.claims.begin(), rule.claims.end(), pins) ||
         std::any_of(issuer.required_claims.begin(),
                     issuer.required_claims.end(), pins);
}

}  // namespace countersign::auth
