// The server's configuration as checked values: what app.cc builds the server
// from. LoadConfig (config.h) alone makes it, so whoever holds one need not
// check it again; the fields' manual is config/v1/config.proto.
#ifndef COUNTERSIGN_SERVER_CONFIG_SERVER_CONFIG_H_
#define COUNTERSIGN_SERVER_CONFIG_SERVER_CONFIG_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "auth/authenticator.h"
#include "core/names.h"
#include "hsm/token_options.h"

namespace countersign::server {

// Paths are absolute or seen from the working folder, files were there when
// it was loaded. PEM text is of public things only; secrets stay in their files
// (config_files.h, base/secret_bytes.h read them).
struct ServerConfig {
  struct Listen {
    std::string address;
    std::string certificate_file;
    std::string certificate_pem;  // leaf first
    std::string private_key_file;
    std::string port_file;  // may be empty
  };
  struct Hsm {
    std::vector<hsm::TokenOptions> tokens;  // 1..16, in the file's order
    std::string default_token;              // the name of one of them
  };
  struct Storage {
    std::string sqlite_path;
  };
  struct Log {
    std::string origin;
    std::string private_key_file;  // Ed25519
    absl::Duration integration_interval = absl::Milliseconds(200);
  };
  struct Limits {
    absl::Duration sign_timeout = absl::Seconds(30);
    int max_in_flight = 4096;
    int max_watches = 10000;
  };
  struct Metrics {
    std::string address;  // empty: no metrics port
  };
  struct Http {
    std::string address;    // empty: no HTTPS port
    std::string port_file;  // may be empty
    std::optional<core::OperationName> default_operation;
    std::map<std::string, core::OperationName> paths;
    absl::Duration max_wait = absl::Hours(1);
    absl::Duration answer_window = absl::Hours(1);
    int max_waiting_calls = 1000;
    int max_connections = 2000;
  };

  Listen listen;
  std::string client_ca_file;
  std::string client_ca_pem;
  // Group rules, roles, token issuers, people, request expiries,
  // key_destroy_delay: what a reload replaces. The names of the tokens and the
  // issuing authorities are here as well, and a reload keeps them. Not null.
  std::shared_ptr<const auth::AccessSnapshot> access;
  Hsm hsm;
  Storage storage;
  Log log;
  Limits limits;
  Metrics metrics;
  Http http;
};

// Fields in which the two differ and which only a restart can change.
std::vector<std::string> ChangesThatNeedRestart(const ServerConfig& running,
                                                const ServerConfig& fresh);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_CONFIG_SERVER_CONFIG_H_
