// The client's configuration file: named contexts, each a server and an
// identity. YAML:
//
//   current_context: ci
//   contexts:
//     - name: ci
//       server: sign.example.org:7443
//       ca_file: ca.pem             # relative: to the folder of this file
//       certificate_file: ci.pem    # leaf, then intermediates
//       private_key_file: ci.key
//       server_name: countersign    # optional: name in its certificate
//       timeout: 30s                # optional: of one call
//
// Pure reading; called by settings.
#ifndef COUNTERSIGN_CLIENT_CLI_CONTEXT_FILE_H_
#define COUNTERSIGN_CLIENT_CLI_CONTEXT_FILE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace countersign::client {

struct Context {
  std::string name;
  std::string server;
  std::string ca_file;
  std::string certificate_file;
  std::string private_key_file;
  std::string server_name;
  std::string timeout;
};

struct ContextFile {
  std::string current_context;
  std::vector<Context> contexts;
};

// `path` is for messages and for relative files. INVALID_ARGUMENT
// (CONFIG_MALFORMED): broken YAML with line and column, or all unknown, doubled
// and wrong fields at once, each with its line.
absl::StatusOr<ContextFile> ReadContextFile(absl::string_view text,
                                            const std::string& path);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_CONTEXT_FILE_H_
