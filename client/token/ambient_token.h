// Tokens that a CI system has for the job without anybody having configured
// one. Looks at the environment and for one file; fetches nothing. Called by
// settings where no identity is given.
#ifndef COUNTERSIGN_CLIENT_TOKEN_AMBIENT_TOKEN_H_
#define COUNTERSIGN_CLIENT_TOKEN_AMBIENT_TOKEN_H_

#include <optional>
#include <string>
#include <vector>

#include "client/token/environment.h"
#include "client/token/token_origin.h"

namespace countersign::client {

// Where a Kubernetes pod mounts the token that it projects for us, and a SPIFFE
// helper writes its JWT-SVID. Never the default one
// (/var/run/secrets/kubernetes.io/serviceaccount/token): that one speaks for
// the pod at the API server, and whoever is shown it could do the same.
inline constexpr char kProjectedToken[] = "/var/run/secrets/tokens/countersign";

struct AmbientToken {
  std::optional<TokenOrigin> origin;
  // Nothing found: what was looked for, and what the CI system that we seem to
  // run in needs; sentences.
  std::vector<std::string> looked_for;
};

// In this order: the runner's token endpoint (ACTIONS_ID_TOKEN_REQUEST_URL and
// ..._TOKEN), COUNTERSIGN_ID_TOKEN, the file `projected`.
AmbientToken FindAmbientToken(const Environment& environment,
                              const std::string& projected = kProjectedToken);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_TOKEN_AMBIENT_TOKEN_H_
