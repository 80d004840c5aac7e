// Whether the identity section of a configuration makes sense: who vouches for
// callers, which groups they are in, which groups have which role, and who is
// one person. config_checks.cc calls it.
#ifndef COUNTERSIGN_SERVER_CONFIG_IDENTITY_CHECKS_H_
#define COUNTERSIGN_SERVER_CONFIG_IDENTITY_CHECKS_H_

#include <string>

#include "absl/time/time.h"
#include "auth/authenticator.h"
#include "config/v1/config.pb.h"
#include "server/config/mistakes.h"

namespace countersign::server {

struct CheckedIdentity {
  std::string client_ca_pem;
  // Of the policy: groups, roles, people and known claims.
  auth::AccessSnapshot access;
};

// Reads the files that `identity` names, seen from the folder of `path`.
CheckedIdentity CheckIdentity(const ::config::v1::Identity& identity,
                              const std::string& path, absl::Time now,
                              Mistakes& mistakes);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_CONFIG_IDENTITY_CHECKS_H_
