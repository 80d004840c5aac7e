// Which identity is the client's: a certificate, one source of tokens, or both
// (a token that is bound to the certificate, RFC 8705; docs/identity.md), from
// flags, the environment, a context, and, where none of them says anything,
// what the CI system has. Part of settings, its only caller. Reads no token.
#ifndef COUNTERSIGN_CLIENT_CLI_CHOOSE_IDENTITY_H_
#define COUNTERSIGN_CLIENT_CLI_CHOOSE_IDENTITY_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/context_file.h"
#include "client/token/environment.h"
#include "client/token/token_origin.h"

namespace countersign::client {

// As given on the command line; empty is not given.
struct IdentityFlags {
  std::string certificate_file;
  std::string private_key_file;
  std::string token_file;
};

struct IdentityChoice {
  // Both nothing: there is none.
  bool certificate = false;
  std::optional<TokenOrigin> token;
  // None: what was looked for; sentences.
  std::vector<std::string> looked_for;
};

// The strongest level (flags, environment, context) that says anything decides
// what is sent. INVALID_ARGUMENT (IDENTITY_AMBIGUOUS) where it names two
// tokens.
absl::StatusOr<IdentityChoice> ChooseIdentity(const IdentityFlags& flags,
                                              const Environment& environment,
                                              const Context& context);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_CHOOSE_IDENTITY_H_
