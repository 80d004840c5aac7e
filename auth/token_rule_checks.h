// Whether what is written about tokens can be fooled, or says nothing:
// subjects, claims and whole group rules. For group_rules.h, and for
// server/config where it reads issuers and people. Sentences follow a field's
// name and say what would be right. Pure.
#ifndef COUNTERSIGN_AUTH_TOKEN_RULE_CHECKS_H_
#define COUNTERSIGN_AUTH_TOKEN_RULE_CHECKS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "auth/group_rule.h"
#include "auth/token_issuer.h"
#include "base/error.h"
#include "core/claim_rule.h"

namespace countersign::auth {

// Of a token's subject ("token:...", "spiffe://...") as rules and people spell
// it. INVALID_ARGUMENT, in a sentence that follows the field's name.
absl::Status CheckTokenSubject(absl::string_view subject,
                               const TokenIssuer& issuer);

// No GUID in upper case among the parts of `text`: issuers write none.
// INVALID_ARGUMENT.
absl::Status CheckGuids(absl::string_view text);

// A claim's name, or a JSON pointer (RFC 6901 3) into it. INVALID_ARGUMENT.
absl::Status CheckClaimName(absl::string_view claim);

// All that is wrong with what a claim has to be for tokens of `issuer`:
// core/claim_rule.h, and what only seems to say something (GUIDs in upper case,
// "*" among values, claims that callers can change, e-mail addresses of any
// domain). Fields begin with `path`.
std::vector<base::FieldViolation> CheckTokenClaim(const core::ClaimRule& rule,
                                                  const TokenIssuer& issuer,
                                                  const std::string& path);

// The same of a whole rule, which has also to say whose tokens it is for
// (issuer_profile.h, TenantClaim), and that an e-mail address is verified.
std::vector<base::FieldViolation> CheckTokenRule(const GroupRule& rule,
                                                 const TokenIssuer& issuer,
                                                 const std::string& path);

}  // namespace countersign::auth

#endif  // COUNTERSIGN_AUTH_TOKEN_RULE_CHECKS_H_
