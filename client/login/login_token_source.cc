#include "client/login/login_token_source.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "client/login/login_error.h"
#include "client/login/refresh_login.h"

namespace countersign::client {
namespace {

// A new token is had so long before the end, or at the last quarter of a
// shorter life: a call takes time, and clocks differ.
constexpr absl::Duration kEarly = absl::Minutes(1);

bool IsFresh(const StoredLogin& login, absl::Time now) {
  const absl::Duration life = login.expire_time - login.obtain_time;
  return now < login.expire_time - std::min(kEarly, life / 4);
}

// Empty `refused`: nothing is.
bool IsRefused(const StoredLogin& login, const base::SecretBytes& refused) {
  return !refused.empty() && login.token.ConstantTimeEquals(refused);
}

BearerToken TokenOf(const StoredLogin& login) {
  BearerToken token;
  token.value = base::SecretBytes(login.token.DangerouslyExpose());
  token.expire_time = login.expire_time;
  return token;
}

}  // namespace

LoginTokenSource::LoginTokenSource(LoginSettings settings, TokenStore store,
                                   LoginWorld world)
    : settings_(std::move(settings)),
      store_(std::move(store)),
      world_(std::move(world)) {}

absl::StatusOr<BearerToken> LoginTokenSource::Get(bool refused) {
  base::SecretBytes bad;
  {
    base::MutexLock lock(mutex_);
    const int64_t before = fetched_;
    while (fetching_) changed_.Wait(mutex_);
    // Who waited for another thread's token has what it came for.
    if (login_.has_value() && (!refused || fetched_ != before) &&
        IsFresh(*login_, world_.clock.Now())) {
      return TokenOf(*login_);
    }
    fetching_ = true;
    if (refused && login_.has_value()) {
      bad = base::SecretBytes(login_->token.DangerouslyExpose());
    }
  }
  absl::StatusOr<StoredLogin> login = Fetch(bad);
  base::MutexLock lock(mutex_);
  fetching_ = false;
  changed_.SignalAll();
  if (!login.ok()) return login.status();
  ++fetched_;
  login_ = *std::move(login);
  return TokenOf(*login_);
}

std::string LoginTokenSource::Describe() const {
  return absl::StrCat("login at ", settings_.issuer);
}

absl::StatusOr<StoredLogin> LoginTokenSource::Fetch(
    const base::SecretBytes& refused) const {
  ASSIGN_OR_RETURN(StoredLogin login, Stored());
  if (IsFresh(login, world_.clock.Now()) && !IsRefused(login, refused)) {
    return login;
  }
  // Across the network: a refresh token may be good for one use only, and an
  // issuer may take a second use for theft and end the login.
  ASSIGN_OR_RETURN(const FileLock lock, store_.Lock(world_));
  // Another process may have been here meanwhile.
  ASSIGN_OR_RETURN(login, Stored());
  if (IsFresh(login, world_.clock.Now()) && !IsRefused(login, refused)) {
    return login;
  }
  return Refresh(std::move(login), refused);
}

absl::StatusOr<StoredLogin> LoginTokenSource::Stored() const {
  ASSIGN_OR_RETURN(std::optional<StoredLogin> login, store_.Load());
  if (!login.has_value()) {
    return LoginNeeded(settings_.issuer, settings_.context,
                       "nobody has logged in here");
  }
  if (!BelongsTo(*login, settings_)) {
    return LoginNeeded(settings_.issuer, settings_.context,
                       "the last login was with other settings");
  }
  return *std::move(login);
}

absl::StatusOr<StoredLogin> LoginTokenSource::Refresh(
    StoredLogin old, const base::SecretBytes& refused) const {
  const bool still_good =
      world_.clock.Now() < old.expire_time && !IsRefused(old, refused);
  if (old.refresh_token.empty()) {
    if (still_good) return old;
    return LoginNeeded(settings_.issuer, settings_.context,
                       "the token has ended, and the issuer gave none to "
                       "refresh it with");
  }
  absl::StatusOr<StoredLogin> fresh = RefreshLogin(world_, settings_, old);
  // What is good for some seconds yet serves while the issuer is away.
  if (!fresh.ok() && still_good) return old;
  RETURN_IF_ERROR(fresh.status());
  RETURN_IF_ERROR(store_.Save(*fresh));
  return fresh;
}

}  // namespace countersign::client
