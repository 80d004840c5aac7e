// The client's configuration file: named contexts, each a server and one
// identity. YAML:
//
//   current_context: ci
//   contexts:
//     - name: ci
//       server: sign.example.org:7443
//       ca_file: ca.pem             # relative: to the folder of this file;
//                                   # left out: the system's CAs
//       certificate_file: ci.pem    # leaf, then intermediates
//       private_key_file: ci.key
//       server_name: countersign    # optional: name in its certificate
//       timeout: 30s                # optional: of one call
//
// or, instead of the certificate and its key, one of
//
//       token_file: /run/token      # read again for each call
//       token_command: [buildkite-agent, oidc, request-token]
//       login:                      # countersign login
//         issuer: https://login.example.org
//         client_id: countersign
//         scopes: [groups]          # optional, as the following
//         audience: countersign
//         token: access_token       # or id_token
//         ca_file: login-ca.pem
//         client_secret_file: client.secret
//
// and with any of them `token_audience`. None of them: what the CI system
// gives. Pure reading; called by settings.
#ifndef COUNTERSIGN_CLIENT_CLI_CONTEXT_FILE_H_
#define COUNTERSIGN_CLIENT_CLI_CONTEXT_FILE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/token/login_settings.h"

namespace countersign::client {

struct Context {
  std::string name;
  std::string server;
  std::string ca_file;
  std::string certificate_file;
  std::string private_key_file;
  std::string server_name;
  std::string timeout;
  std::string token_file;
  std::string token_audience;
  std::vector<std::string> token_command;  // program and arguments
  std::optional<LoginSettings> login;
};

struct ContextFile {
  std::string current_context;
  std::vector<Context> contexts;
};

// `path` is for messages and for relative files. INVALID_ARGUMENT
// (CONFIG_MALFORMED): broken YAML with line and column, or all unknown, doubled
// and wrong fields at once, each with its line; so is a context with two
// identities.
absl::StatusOr<ContextFile> ReadContextFile(absl::string_view text,
                                            const std::string& path);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_CONTEXT_FILE_H_
