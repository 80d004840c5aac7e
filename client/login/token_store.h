// Where a login is kept: one file of mode 0600 for each context, or for each
// issuer and client where there is no context, in
// $XDG_STATE_HOME/countersign/tokens (~/.local/state/countersign/tokens), mode
// 0700. Called by login_token_source.h and the commands login and logout.
#ifndef COUNTERSIGN_CLIENT_LOGIN_TOKEN_STORE_H_
#define COUNTERSIGN_CLIENT_LOGIN_TOKEN_STORE_H_

#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/login/login_world.h"
#include "client/login/private_file.h"
#include "client/login/stored_login.h"
#include "client/token/environment.h"
#include "client/token/login_settings.h"

namespace countersign::client {

// The place of one login. Thread-safe: it remembers nothing.
class TokenStore {
 public:
  // Touches no file. INVALID_ARGUMENT (STATE_FOLDER_UNKNOWN) where neither
  // XDG_STATE_HOME nor HOME is set.
  static absl::StatusOr<TokenStore> Find(const Environment& environment,
                                         const LoginSettings& settings);

  const std::string& path() const { return path_; }

  // Nothing where there is none. UNAUTHENTICATED (TOKEN_UNREADABLE) as
  // ReadPrivateFile, or where the text is none of ours.
  absl::StatusOr<std::optional<StoredLogin>> Load() const;
  // Both make the folder. Who refreshes holds the lock from before Load to
  // after Save: a refresh token may be worth one use only.
  absl::StatusOr<FileLock> Lock(const LoginWorld& world) const;
  absl::Status Save(const StoredLogin& login) const;
  // False where there was none.
  absl::StatusOr<bool> Delete() const;

 private:
  TokenStore(std::string folder, const std::string& name)
      : folder_(std::move(folder)), path_(folder_ + "/" + name + ".json") {}

  std::string folder_;
  std::string path_;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_LOGIN_TOKEN_STORE_H_
