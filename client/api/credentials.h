// Who the client is and whom it trusts: a certificate from files, checked
// before anything is sent (a wrong key or an expired one is named here, since a
// server that refuses it can only close the connection), or a source of tokens.
#ifndef COUNTERSIGN_CLIENT_API_CREDENTIALS_H_
#define COUNTERSIGN_CLIENT_API_CREDENTIALS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/secret_bytes.h"
#include "client/api/token_source.h"

namespace countersign::client {

struct CredentialFiles {
  std::string ca_file;  // empty: the system's CAs
  // Both or neither.
  std::string certificate_file;
  std::string private_key_file;
};

struct Credentials {
  std::string ca_pem;           // empty: the system's CAs
  std::string certificate_pem;  // empty: none, as is all that follows of it
  base::SecretBytes private_key_pem;
  // Of the client's certificate, for messages.
  std::string subject;
  std::string issuer;
  absl::Time expire_time;
  // Asked before each call; nullptr: no tokens are sent.
  std::unique_ptr<TokenSource> token_source;
};

// Blocks on the disk. INVALID_ARGUMENT (CREDENTIALS_UNREADABLE,
// KEY_MISMATCH) names the file; UNAUTHENTICATED (CERTIFICATE_EXPIRED,
// CERTIFICATE_NOT_YET_VALID) where `now` is outside the certificate's time.
absl::StatusOr<Credentials> LoadCredentials(const CredentialFiles& files,
                                            absl::Time now);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_API_CREDENTIALS_H_
