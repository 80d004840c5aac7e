// Logs in to a registry the way it asks for in WWW-Authenticate: Basic, or a
// token of its token server (Docker's "Token Authentication" and the OAuth2
// form of it). Keeps what it got. Called by registry_session.h.
//
// The scope is always our own repository and never the one that the registry
// names, so it cannot make us fetch rights to something else.
#ifndef COUNTERSIGN_CLIENT_OCI_REGISTRY_LOGIN_H_
#define COUNTERSIGN_CLIENT_OCI_REGISTRY_LOGIN_H_

#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/oci/auth_challenge.h"
#include "client/oci/credential.h"
#include "client/oci/http_connection.h"
#include "client/oci/image_reference.h"
#include "client/oci/url.h"

namespace countersign::client {

enum class RegistryAccess { kPull, kPush };

// Thread-compatible.
class RegistryLogin {
 public:
  // `connection` outlives it; `lookup` may be empty.
  RegistryLogin(HttpConnection& connection, CredentialLookup lookup,
                const ImageReference& reference);

  // What to send as "Authorization: ..."; empty before Answer() and once a
  // token is too old.
  std::string Authorization(RegistryAccess access) const;

  // `response` is a 401 of `registry`. Blocks on the token server and perhaps
  // on a program that knows passwords. UNAUTHENTICATED (REGISTRY_LOGIN_NEEDED)
  // where there is nothing more to try.
  absl::Status Answer(const Url& registry, const HttpResponse& response,
                      RegistryAccess access);

  // The error of a 401 to what Authorization() gave.
  absl::Status Refused(const HttpResponse& response) const;

 private:
  struct Token {
    std::string authorization;
    absl::Duration good_until;  // of base::SteadyNow()
  };

  absl::Status Find();
  absl::Status AnswerBasic();
  absl::Status AnswerBearer(const Url& registry, const AuthChallenge& challenge,
                            RegistryAccess access);
  absl::StatusOr<HttpResponse> AskTokenServer(const AuthChallenge& challenge,
                                              Url realm, RegistryAccess access);
  absl::StatusOr<Token> ReadToken(const Url& realm,
                                  const HttpResponse& response) const;
  // Whose credentials were not taken, or that there are none.
  std::string Whose() const;

  HttpConnection& connection_;
  const CredentialLookup lookup_;
  const std::string host_;
  const std::string repository_;
  bool asked_ = false;  // lookup_ was
  std::optional<RegistryCredential> credential_;
  std::map<RegistryAccess, Token> tokens_;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCI_REGISTRY_LOGIN_H_
