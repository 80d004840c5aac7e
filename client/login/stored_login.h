// A login as it is kept between commands: the token that the server gets, and
// what a new one is had with. Its text is JSON. Pure.
#ifndef COUNTERSIGN_CLIENT_LOGIN_STORED_LOGIN_H_
#define COUNTERSIGN_CLIENT_LOGIN_STORED_LOGIN_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/secret_bytes.h"
#include "client/token/login_settings.h"

namespace countersign::client {

struct StoredLogin {
  // For whom and of whom: with other settings it does not count.
  std::string issuer;
  std::string client_id;
  std::string audience;
  std::vector<std::string> scopes;  // as configured
  bool is_id_token = false;         // else an access token
  std::string subject;              // empty where there was no ID token
  std::string nonce;                // of the first ID token; may be empty

  base::SecretBytes token;
  base::SecretBytes refresh_token;  // empty: there is none
  // To the second.
  absl::Time obtain_time;
  absl::Time expire_time = absl::InfiniteFuture();
};

// It was had with these settings.
bool BelongsTo(const StoredLogin& login, const LoginSettings& settings);

base::SecretBytes FormatStoredLogin(const StoredLogin& login);
// INVALID_ARGUMENT without a reason; quotes nothing of the text.
absl::StatusOr<StoredLogin> ParseStoredLogin(absl::string_view text);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_LOGIN_STORED_LOGIN_H_
