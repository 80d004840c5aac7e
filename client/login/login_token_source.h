// The token of a person who has logged in: read from the store, refreshed
// silently shortly before its end, by one process at a time. Called by a
// connection before each call.
#ifndef COUNTERSIGN_CLIENT_LOGIN_LOGIN_TOKEN_SOURCE_H_
#define COUNTERSIGN_CLIENT_LOGIN_LOGIN_TOKEN_SOURCE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "client/api/token_source.h"
#include "client/login/login_world.h"
#include "client/login/stored_login.h"
#include "client/login/token_store.h"
#include "client/token/login_settings.h"

namespace countersign::client {

// Thread-safe.
class LoginTokenSource final : public TokenSource {
 public:
  // What `world` borrows must outlive this.
  LoginTokenSource(LoginSettings settings, TokenStore store, LoginWorld world);

  // As TokenSource. A token that is good for a while yet is given also where
  // the issuer cannot be reached to refresh it. UNAUTHENTICATED: LOGIN_NEEDED,
  // TOKEN_UNREADABLE.
  absl::StatusOr<BearerToken> Get(bool refused) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  std::string Describe() const override;

 private:
  // From the file, refreshed where it has to be. `refused` is of no use any
  // more; empty: none was.
  absl::StatusOr<StoredLogin> Fetch(const base::SecretBytes& refused) const;
  absl::StatusOr<StoredLogin> Stored() const;
  absl::StatusOr<StoredLogin> Refresh(StoredLogin old,
                                      const base::SecretBytes& refused) const;

  const LoginSettings settings_;
  const TokenStore store_;
  const LoginWorld world_;
  base::Mutex mutex_;
  base::CondVar changed_;
  // One thread fetches, with nothing locked; the others wait for it.
  bool fetching_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t fetched_ ABSL_GUARDED_BY(mutex_) = 0;  // so many times
  std::optional<StoredLogin> login_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_LOGIN_LOGIN_TOKEN_SOURCE_H_
