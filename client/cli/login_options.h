// What the commands login and logout have in common: which login is meant, from
// the context's `login` block and the options over it, and what of the world it
// reaches.
#ifndef COUNTERSIGN_CLIENT_CLI_LOGIN_OPTIONS_H_
#define COUNTERSIGN_CLIENT_CLI_LOGIN_OPTIONS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/session.h"
#include "client/login/login_world.h"
#include "client/token/login_settings.h"

namespace CLI {
class App;
}  // namespace CLI

namespace countersign::client {

// As given on the command line; empty is not given.
struct LoginOptions {
  std::string issuer;
  std::string client_id;
  std::string issuer_ca;
  std::string audience;
  std::vector<std::string> scopes;
  std::string token;
};

// `options` must live as long as `leaf`.
void AddLoginOptions(CLI::App& leaf, LoginOptions& options);

struct ChosenLogin {
  LoginSettings settings;  // not checked yet
  // Other commands have the same settings from their context.
  bool in_context = false;
};

// INVALID_ARGUMENT as FindContext.
absl::StatusOr<ChosenLogin> ChooseLogin(Session& session,
                                        const LoginOptions& options);

// Borrows from `console`.
LoginWorld WorldOf(const Console& console);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_LOGIN_OPTIONS_H_
