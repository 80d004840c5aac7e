// How commands are told which key: its label, and its id where that is not
// enough.
#ifndef COUNTERSIGN_HSM_CEREMONY_KEY_ARGUMENTS_H_
#define COUNTERSIGN_HSM_CEREMONY_KEY_ARGUMENTS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "hsm/ceremony/open_token.h"
#include "hsm/ceremony/run.h"
#include "hsm/ceremony/token_key.h"

namespace CLI {
class App;
}  // namespace CLI

namespace countersign::hsm {

struct KeyArguments {
  std::string label;
  std::string id;      // hexadecimal
  std::string output;  // file for PEM

  // INVALID_ARGUMENT BAD_KEY_ID.
  absl::StatusOr<KeyName> Name() const;
};

// LABEL and --id.
std::shared_ptr<KeyArguments> AddKeyArguments(CLI::App& leaf);
// -O, --output.
void AddOutput(CLI::App& leaf, std::string& output);

// The token that the flags name, with its user logged in. Blocks.
absl::StatusOr<std::unique_ptr<OpenToken>> OpenAndLogIn(Run& run,
                                                        Session::Mode mode);

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_CEREMONY_KEY_ARGUMENTS_H_
