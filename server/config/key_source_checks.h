// Where the keys of a token issuer come from: the part of its configuration
// that names URLs and files. token_issuer_checks.cc calls it. Nothing is
// fetched.
#ifndef COUNTERSIGN_SERVER_CONFIG_KEY_SOURCE_CHECKS_H_
#define COUNTERSIGN_SERVER_CONFIG_KEY_SOURCE_CHECKS_H_

#include <string>

#include "auth/token_issuer.h"
#include "config/v1/config.pb.h"
#include "server/config/mistakes.h"

namespace countersign::server {

// Reads the files that `issuer` names, seen from the folder of `path`: a key
// set has to hold a key, of a SPIFFE bundle one for JWT-SVIDs. `field` is
// "identity.token_issuers[1]".
auth::KeySource CheckKeySource(const ::config::v1::TokenIssuer& issuer,
                               const std::string& field,
                               const std::string& path, bool spiffe,
                               Mistakes& mistakes);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_CONFIG_KEY_SOURCE_CHECKS_H_
