// For `countersignd --check`: whether the keys of the configured token issuers
// can be had from here, now. A start does not depend on it, so what is wrong is
// a note and no mistake. check_site.h calls it.
#ifndef COUNTERSIGN_SERVER_CHECK_ISSUERS_H_
#define COUNTERSIGN_SERVER_CHECK_ISSUERS_H_

#include <string>
#include <vector>

#include "auth/issuer_keys.h"
#include "auth/token_issuer.h"

namespace countersign::server {

// A sentence for each issuer whose keys cannot be had or would verify nothing;
// none where all is well. `fetch` is auth::FetchIssuerKeys. Asks all at a time;
// blocks as long as the slowest, twenty seconds at most.
std::vector<std::string> CheckIssuers(
    const std::vector<auth::TokenIssuer>& issuers,
    const auth::IssuerKeys::Fetch& fetch);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_CHECK_ISSUERS_H_
