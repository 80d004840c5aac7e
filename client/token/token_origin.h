// Which source of tokens was chosen, as a value: settings make one, and
// client/cli/identity.h makes the source of it.
#ifndef COUNTERSIGN_CLIENT_TOKEN_TOKEN_ORIGIN_H_
#define COUNTERSIGN_CLIENT_TOKEN_TOKEN_ORIGIN_H_

#include <string>
#include <variant>
#include <vector>

#include "client/token/login_settings.h"

namespace countersign::client {

// An environment variable that holds the token itself.
struct TokenVariable {
  std::string name;
  bool operator==(const TokenVariable& o) const { return name == o.name; }
};
// A file that somebody else keeps fresh.
struct TokenFile {
  std::string path;
  bool operator==(const TokenFile& o) const { return path == o.path; }
};
// A program that prints one.
struct TokenCommand {
  std::vector<std::string> words;  // program, arguments; not empty
  bool operator==(const TokenCommand& o) const { return words == o.words; }
};
// The token endpoint of the job's runner: GitHub Actions and those like it.
struct JobToken {
  bool operator==(const JobToken&) const { return true; }
};

using TokenOrigin = std::variant<TokenVariable, TokenFile, TokenCommand,
                                 JobToken, LoginSettings>;

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_TOKEN_TOKEN_ORIGIN_H_
