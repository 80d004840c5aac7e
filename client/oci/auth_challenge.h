// The header WWW-Authenticate (RFC 9110 11.6.1), as registries send it: what
// login they want. Called by registry_login.h. Pure.
#ifndef COUNTERSIGN_CLIENT_OCI_AUTH_CHALLENGE_H_
#define COUNTERSIGN_CLIENT_OCI_AUTH_CHALLENGE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace countersign::client {

struct AuthChallenge {
  std::string scheme;                             // lower case: "bearer"
  std::map<std::string, std::string> parameters;  // lower-case names

  // Empty where it is not there.
  std::string Get(absl::string_view name) const;
};

// All challenges of one header, in order. What cannot be read ends it: those
// before it are given. Of a parameter that is there twice, the first counts.
std::vector<AuthChallenge> ParseAuthChallenges(absl::string_view header);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCI_AUTH_CHALLENGE_H_
