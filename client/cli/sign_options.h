// What the three sign commands have in common: the operation, what approvers
// read, and how long to wait. Part of commands/sign_*.cc.
#ifndef COUNTERSIGN_CLIENT_CLI_SIGN_OPTIONS_H_
#define COUNTERSIGN_CLIENT_CLI_SIGN_OPTIONS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/await_signature.h"
#include "client/cli/session.h"

namespace CLI {
class App;
}  // namespace CLI

namespace countersign::client {

struct SignOptions {
  std::string operation;
  std::string algorithm;
  std::string description;
  std::vector<std::string> context;  // KEY=VALUE
  std::string wait;
  bool no_wait = false;
  std::string expire_in;
  std::string request_id;
};

// `options` must live as long as `leaf`.
void AddSignOptions(CLI::App& leaf, SignOptions& options);

// --ecdsa-form, where bare signatures are handed out. `form` as above.
void AddEcdsaForm(CLI::App& leaf, std::string& form);
// Puts it into the request. INVALID_ARGUMENT: ECDSA_FORM_UNKNOWN, or
// ECDSA_FORM_NOT_POSSIBLE with another algorithm or in PEM.
absl::Status SetEcdsaForm(const std::string& form, v1::SigningRequest& request);

// The request without digests, hash and encoding. INVALID_ARGUMENT for each
// option that cannot be read.
absl::StatusOr<Ask> MakeAsk(const SignOptions& options);

// What --no-wait says: the request's name, or the request with -o json.
void PrintName(Session& session, const v1::SigningRequest& request);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_SIGN_OPTIONS_H_
