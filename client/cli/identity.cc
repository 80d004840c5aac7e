#include "client/cli/identity.h"

#include <string>
#include <utility>

#include "base/status_macros.h"
#include "client/login/login_token_source.h"
#include "client/login/login_world.h"
#include "client/login/token_store.h"
#include "client/token/command_token_source.h"
#include "client/token/given_token_source.h"
#include "client/token/job_token_source.h"

namespace countersign::client {
namespace {

using Source = absl::StatusOr<std::unique_ptr<TokenSource>>;

// One source for each alternative of TokenOrigin.
struct Maker {
  const Settings& settings;
  const IdentityWorld& world;

  // A token's audience is compared only with one that somebody named: what a
  // server takes besides its own host's name is not known here.
  std::string NamedAudience() const {
    return settings.audience_given ? settings.token_audience : "";
  }

  Source operator()(const TokenVariable& origin) const {
    return std::make_unique<VariableTokenSource>(
        origin.name, NamedAudience(), world.environment, world.clock);
  }
  Source operator()(const TokenFile& origin) const {
    return std::make_unique<FileTokenSource>(origin.path, NamedAudience(),
                                             world.clock);
  }
  Source operator()(const TokenCommand& origin) const {
    return std::make_unique<CommandTokenSource>(
        origin.words, settings.token_audience, NamedAudience(), world.clock,
        world.interrupted);
  }
  Source operator()(const JobToken&) const {
    return std::make_unique<JobTokenSource>(settings.token_audience,
                                            world.environment, world.https,
                                            world.clock, world.interrupted);
  }
  Source operator()(const LoginSettings& login) const {
    ASSIGN_OR_RETURN(TokenStore store,
                     TokenStore::Find(world.environment, login));
    return std::make_unique<LoginTokenSource>(
        login, std::move(store),
        LoginWorld{world.https, world.clock, world.random, world.interrupted});
  }
};

}  // namespace

absl::StatusOr<std::unique_ptr<TokenSource>> MakeTokenSource(
    const TokenOrigin& origin, const Settings& settings,
    const IdentityWorld& world) {
  return std::visit(Maker{settings, world}, origin);
}

absl::StatusOr<Credentials> LoadIdentity(const Settings& settings,
                                         const IdentityWorld& world) {
  ASSIGN_OR_RETURN(Credentials credentials,
                   LoadCredentials({settings.ca_file, settings.certificate_file,
                                    settings.private_key_file},
                                   world.clock.Now()));
  if (settings.token.has_value()) {
    ASSIGN_OR_RETURN(credentials.token_source,
                     MakeTokenSource(*settings.token, settings, world));
  }
  return credentials;
}

}  // namespace countersign::client
