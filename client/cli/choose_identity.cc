#include "client/cli/choose_identity.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/token/ambient_token.h"

namespace countersign::client {
namespace {

// What one level says, with the words that say it.
class Level {
 public:
  explicit Level(const char* name) : name_(name) {}

  void Certificate(const std::string& certificate, const std::string& key) {
    if (certificate.empty() && key.empty()) return;
    choice_.certificate = true;
  }

  void Token(bool said, TokenOrigin origin, const char* words) {
    if (!said) return;
    choice_.token = std::move(origin);
    tokens_.push_back(words);
  }

  absl::StatusOr<std::optional<IdentityChoice>> Result() const {
    if (!choice_.certificate && tokens_.empty()) return std::nullopt;
    if (tokens_.size() <= 1) return choice_;
    return base::MakeError(
        absl::StatusCode::kInvalidArgument,
        absl::StrCat(name_, " name more than one token: ",
                     absl::StrJoin(tokens_, ", and "),
                     "; the server is sent one. Leave the others out"),
        Because("IDENTITY_AMBIGUOUS"));
  }

 private:
  const char* name_;
  IdentityChoice choice_;
  std::vector<std::string> tokens_;
};

Level OfFlags(const IdentityFlags& flags) {
  Level level("options");
  level.Certificate(flags.certificate_file, flags.private_key_file);
  level.Token(!flags.token_file.empty(), TokenFile{flags.token_file},
              "--token-file");
  return level;
}

Level OfEnvironment(const Environment& environment) {
  Level level("environment variables");
  level.Certificate(ValueOf(environment, "COUNTERSIGN_CERTIFICATE_FILE"),
                    ValueOf(environment, "COUNTERSIGN_PRIVATE_KEY_FILE"));
  level.Token(!ValueOf(environment, "COUNTERSIGN_TOKEN").empty(),
              TokenVariable{"COUNTERSIGN_TOKEN"}, "COUNTERSIGN_TOKEN");
  const std::string file = ValueOf(environment, "COUNTERSIGN_TOKEN_FILE");
  level.Token(!file.empty(), TokenFile{file}, "COUNTERSIGN_TOKEN_FILE");
  return level;
}

// The reader of the file has refused a context with two tokens.
Level OfContext(const Context& context) {
  Level level("fields of the context");
  level.Certificate(context.certificate_file, context.private_key_file);
  level.Token(!context.token_file.empty(), TokenFile{context.token_file},
              "token_file");
  level.Token(!context.token_command.empty(),
              TokenCommand{context.token_command}, "token_command");
  level.Token(context.login.has_value(),
              context.login.value_or(LoginSettings()), "login");
  return level;
}

}  // namespace

absl::StatusOr<IdentityChoice> ChooseIdentity(const IdentityFlags& flags,
                                              const Environment& environment,
                                              const Context& context) {
  for (const Level& level :
       {OfFlags(flags), OfEnvironment(environment), OfContext(context)}) {
    ASSIGN_OR_RETURN(const std::optional<IdentityChoice> choice,
                     level.Result());
    if (choice.has_value()) return *choice;
  }
  AmbientToken found = FindAmbientToken(environment);
  IdentityChoice choice;
  choice.token = std::move(found.origin);
  choice.looked_for = std::move(found.looked_for);
  return choice;
}

}  // namespace countersign::client
