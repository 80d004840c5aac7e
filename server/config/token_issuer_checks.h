// Whether identity.token_issuers of a configuration make sense, each by itself
// and beside the others, with the defaults of their profiles filled in. No
// issuer is asked. identity_checks.cc calls it.
#ifndef COUNTERSIGN_SERVER_CONFIG_TOKEN_ISSUER_CHECKS_H_
#define COUNTERSIGN_SERVER_CONFIG_TOKEN_ISSUER_CHECKS_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "auth/token_issuer.h"
#include "config/v1/config.pb.h"
#include "core/claim_rule.h"
#include "server/config/mistakes.h"

namespace countersign::server {

// One for each entry, in order, so that rules find the names of those that are
// wrong as well. Reads the files that they name, seen from the folder of
// `path`. Fields are named as "identity.token_issuers[1].audiences".
std::vector<auth::TokenIssuer> CheckTokenIssuers(
    const ::config::v1::Identity& identity, const std::string& path,
    absl::Time now, Mistakes& mistakes);

core::ClaimRule ClaimRuleOf(const ::config::v1::ClaimMatch& match);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_CONFIG_TOKEN_ISSUER_CHECKS_H_
