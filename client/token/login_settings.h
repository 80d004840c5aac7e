// What a person's login needs to know: which issuer, as which client. A value,
// read from the `login` block of a context (client/cli/context_file.h) and
// used by client/login.
#ifndef COUNTERSIGN_CLIENT_TOKEN_LOGIN_SETTINGS_H_
#define COUNTERSIGN_CLIENT_TOKEN_LOGIN_SETTINGS_H_

#include <string>
#include <vector>

namespace countersign::client {

struct LoginSettings {
  std::string issuer;     // "https://login.example.org/realms/build"
  std::string client_id;  // of countersign there
  // Where the issuer wants a secret from a program that people run: first line
  // of a file, mode 0600. Empty: a public client, as is usual.
  std::string client_secret_file;
  // "openid" is always among them; empty: openid, and offline_access where the
  // issuer has it.
  std::vector<std::string> scopes;
  // Asked for where the issuer knows resources; empty: the client's own id.
  std::string audience;
  // PEM of the CAs of the issuer's HTTPS server; empty: the system's.
  std::string ca_file;
  // Which token the server gets: "access_token" or "id_token"; empty: the
  // access token where there is an audience, otherwise the ID token.
  std::string token;
  // OpenID Connect's `prompt` for the browser: "consent" where the issuer gives
  // no refresh token without it. Empty: none is sent.
  std::string prompt;
  // The context that this stands in, whose tokens are kept apart from those of
  // others; empty for options alone. No field of the block.
  std::string context;

  bool operator==(const LoginSettings& o) const {
    return issuer == o.issuer && client_id == o.client_id &&
           client_secret_file == o.client_secret_file && scopes == o.scopes &&
           audience == o.audience && ca_file == o.ca_file && token == o.token &&
           prompt == o.prompt && context == o.context;
  }
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_TOKEN_LOGIN_SETTINGS_H_
