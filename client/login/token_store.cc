#include "client/login/token_store.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/sha256.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/login/login_error.h"

namespace countersign::client {
namespace {

// XDG Base Directory Specification: relative values do not count.
std::string StateHome(const Environment& environment) {
  const std::string xdg = ValueOf(environment, "XDG_STATE_HOME");
  if (!xdg.empty() && xdg[0] == '/') return xdg;
  const std::string home = ValueOf(environment, "HOME");
  return home.empty() ? "" : home + "/.local/state";
}

// A context's own name where it can be that of a file, for people who look.
std::string FileName(const LoginSettings& settings) {
  const std::string& context = settings.context;
  if (context.empty()) {
    return "issuer-" +
           base::Sha256Hex(settings.issuer + "\n" + settings.client_id)
               .substr(0, 32);
  }
  const bool plain =
      context.size() <= 64 &&
      std::all_of(context.begin(), context.end(), [](char c) {
        return absl::ascii_isalnum(c) || c == '_' || c == '-' || c == '.';
      });
  return plain ? "context-" + context
               : "other-context-" + base::Sha256Hex(context).substr(0, 32);
}

}  // namespace

absl::StatusOr<TokenStore> TokenStore::Find(const Environment& environment,
                                            const LoginSettings& settings) {
  const std::string home = StateHome(environment);
  if (home.empty()) {
    return base::MakeError(
        absl::StatusCode::kInvalidArgument,
        "there is no folder to keep tokens in: set XDG_STATE_HOME or HOME",
        Because("STATE_FOLDER_UNKNOWN"));
  }
  return TokenStore(home + "/countersign/tokens", FileName(settings));
}

absl::StatusOr<std::optional<StoredLogin>> TokenStore::Load() const {
  ASSIGN_OR_RETURN(const std::optional<base::SecretBytes> text,
                   ReadPrivateFile(path_));
  if (!text.has_value()) return std::optional<StoredLogin>();
  absl::StatusOr<StoredLogin> login =
      ParseStoredLogin(text->DangerouslyExpose());
  if (!login.ok()) return TokenUnreadable(path_, login.status().message());
  return std::optional<StoredLogin>(*std::move(login));
}

absl::StatusOr<FileLock> TokenStore::Lock(const LoginWorld& world) const {
  RETURN_IF_ERROR(MakePrivateFolder(folder_));
  return FileLock::Acquire(world, path_ + ".lock");
}

absl::Status TokenStore::Save(const StoredLogin& login) const {
  RETURN_IF_ERROR(MakePrivateFolder(folder_));
  return WritePrivateFile(path_, FormatStoredLogin(login));
}

absl::StatusOr<bool> TokenStore::Delete() const {
  if (unlink(path_.c_str()) == 0) return true;
  if (errno == ENOENT || errno == ENOTDIR) return false;
  return TokenUnreadable(path_, std::strerror(errno));
}

}  // namespace countersign::client
