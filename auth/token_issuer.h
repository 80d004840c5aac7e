// A token issuer as the configuration names it: what its tokens must look like
// and what of them is kept. A regular value, made by server/config, read by
// verify_token.h and group_rules.h. Its keys are not here (issuer_keys.h): they
// change while this does not.
#ifndef COUNTERSIGN_AUTH_TOKEN_ISSUER_H_
#define COUNTERSIGN_AUTH_TOKEN_ISSUER_H_

#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "auth/token_algorithm.h"
#include "core/claim_rule.h"

namespace countersign::auth {

// Where the keys of an issuer come from.
struct KeySource {
  // One of the two. Of the discovery document (OpenID Connect Discovery 1.0 4).
  std::string discovery_url;
  std::string jwks_file;
  // PEM text of the CAs for the issuer's HTTPS server; empty: the system's.
  std::string ca_pem;
  // How long keys count after they were last had.
  absl::Duration max_key_age = absl::Hours(24);

  bool operator==(const KeySource& o) const {
    return discovery_url == o.discovery_url && jwks_file == o.jwks_file &&
           ca_pem == o.ca_pem && max_key_age == o.max_key_age;
  }
};

struct TokenIssuer {
  std::string name;     // configured
  std::string issuer;   // `iss`; of JWT-SVIDs "spiffe://TRUST-DOMAIN"
  bool spiffe = false;  // JWT-SVIDs (SPIFFE JWT-SVID 3)
  KeySource keys;
  std::set<std::string> audiences;
  std::set<TokenAlgorithm> algorithms;
  absl::Duration leeway = absl::Seconds(30);
  absl::Duration max_age = absl::Hours(1);
  // Claims that make the subject, joined by "/"; not used for JWT-SVIDs.
  std::vector<std::string> subject_claims = {"sub"};
  // Whose values are groups, and which of them count.
  std::vector<std::string> group_claims;
  std::set<std::string> grantable_groups;
  std::vector<core::ClaimRule> required_claims;
  // Kept with a request: names or JSON pointers.
  std::vector<std::string> recorded_claims;
  // Claims of which an issuer with many tenants says whose token it is: of
  // these a group rule must pin one (issuer_profile.h). Empty: any rule will
  // do.
  std::set<std::string> tenant_claims;
  // issuer_profile.h; empty where nobody said (tests): no checks by profile.
  std::string profile = "";
  bool require_bound = false;
  std::set<std::string> revoked_ids;
  absl::Time revoked_before = absl::InfinitePast();

  bool operator==(const TokenIssuer& o) const {
    return name == o.name && issuer == o.issuer && spiffe == o.spiffe &&
           keys == o.keys && audiences == o.audiences &&
           algorithms == o.algorithms && leeway == o.leeway &&
           max_age == o.max_age && subject_claims == o.subject_claims &&
           group_claims == o.group_claims &&
           grantable_groups == o.grantable_groups &&
           required_claims == o.required_claims &&
           recorded_claims == o.recorded_claims &&
           tenant_claims == o.tenant_claims && profile == o.profile &&
           require_bound == o.require_bound && revoked_ids == o.revoked_ids &&
           revoked_before == o.revoked_before;
  }
};

}  // namespace countersign::auth

#endif  // COUNTERSIGN_AUTH_TOKEN_ISSUER_H_
