#include "hsm/ceremony/key_arguments.h"

#include <CLI/CLI.hpp>

#include "base/status_macros.h"
#include "hsm/ceremony/user_login.h"

namespace countersign::hsm {

absl::StatusOr<KeyName> KeyArguments::Name() const {
  ASSIGN_OR_RETURN(std::string octets, ParseKeyId(id));
  return KeyName{label, std::move(octets)};
}

std::shared_ptr<KeyArguments> AddKeyArguments(CLI::App& leaf) {
  auto arguments = std::make_shared<KeyArguments>();
  leaf.add_option("label", arguments->label, "CKA_LABEL of the key")
      ->required()
      ->type_name("LABEL");
  leaf.add_option("--id", arguments->id,
                  "CKA_ID, where several keys have the label")
      ->type_name("HEX");
  return arguments;
}

void AddOutput(CLI::App& leaf, std::string& output) {
  leaf.add_option("-O,--output", output, "file instead of standard output")
      ->type_name("FILE");
}

absl::StatusOr<std::unique_ptr<OpenToken>> OpenAndLogIn(Run& run,
                                                        Session::Mode mode) {
  ASSIGN_OR_RETURN(std::unique_ptr<OpenToken> token,
                   OpenToken::Open(run.module, run.token, mode));
  RETURN_IF_ERROR(LogInAsUser(run, token->libp11(), token->info()));
  return token;
}

}  // namespace countersign::hsm
