// From settings to credentials: the files of a certificate, or the source of
// tokens that was chosen. The one place that knows all sources. Called by
// Session and by the plugins.
#ifndef COUNTERSIGN_CLIENT_CLI_IDENTITY_H_
#define COUNTERSIGN_CLIENT_CLI_IDENTITY_H_

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/https_call.h"
#include "base/random.h"
#include "client/api/credentials.h"
#include "client/api/token_source.h"
#include "client/cli/settings.h"
#include "client/token/environment.h"

namespace countersign::client {

// What sources of tokens reach of the world. Clock and chance are borrowed and
// must outlive every source that is made with it; the functions are
// thread-safe.
struct IdentityWorld {
  Environment environment;
  const base::Clock& clock;
  base::Random& random;
  std::function<bool()> interrupted = [] { return false; };
  std::function<absl::StatusOr<base::HttpsAnswer>(const base::HttpsCall&)>
      https = base::CallHttps;
};

// Asks nobody for a token yet. Errors where there is no place for a login's
// tokens (TokenStore::Find).
absl::StatusOr<std::unique_ptr<TokenSource>> MakeTokenSource(
    const TokenOrigin& origin, const Settings& settings,
    const IdentityWorld& world);

// Blocks on the disk. Errors are those of LoadCredentials and MakeTokenSource.
absl::StatusOr<Credentials> LoadIdentity(const Settings& settings,
                                         const IdentityWorld& world);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_IDENTITY_H_
