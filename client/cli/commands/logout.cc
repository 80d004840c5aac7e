// countersign logout
#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/cli/command_tree.h"
#include "client/cli/commands/commands.h"
#include "client/cli/login_options.h"
#include "client/cli/text_table.h"
#include "client/login/check_settings.h"
#include "client/login/refresh_login.h"
#include "client/login/token_store.h"

namespace countersign::client {
namespace {

void PrintResult(Session& session, const std::string& issuer, bool was_there,
                 bool revoked) {
  if (session.json()) {
    session.PrintJson(base::Json::Object{
        {"issuer", issuer}, {"deleted", was_there}, {"revoked", revoked}});
    return;
  }
  const char* what = "nobody was logged in";
  if (was_there) {
    what = revoked ? "logged out; the tokens are revoked"
                   : "logged out here; this issuer revokes no tokens, the last "
                     "one ends by itself";
  }
  session.Print(absl::StrCat(EscapeLines(issuer), ": ", what, "\n"));
}

// The tokens leave this machine in any case, then the issuer is told.
absl::Status Logout(Session& session, const LoginOptions& options) {
  ASSIGN_OR_RETURN(const ChosenLogin chosen, ChooseLogin(session, options));
  const LoginSettings& settings = chosen.settings;
  RETURN_IF_ERROR(CheckLoginSettings(settings));
  const LoginWorld world = WorldOf(session.console());
  ASSIGN_OR_RETURN(const TokenStore store,
                   TokenStore::Find(session.console().environment, settings));
  const absl::StatusOr<std::optional<StoredLogin>> login = store.Load();
  if (login.ok() && !login->has_value()) {
    PrintResult(session, settings.issuer, false, false);
    return absl::OkStatus();
  }
  {
    // Who refreshes at this moment would write the tokens anew.
    const absl::StatusOr<FileLock> lock = store.Lock(world);
    ASSIGN_OR_RETURN(const bool deleted, store.Delete());
    (void)deleted;
  }
  if (!login.ok()) {
    return base::Annotate(login.status(), "deleted here, but not revoked");
  }
  // Of settings that have changed since then: tokens of another issuer are not
  // sent to this one.
  if (!BelongsTo(**login, settings)) {
    session.Note(absl::StrCat("The login was at ",
                              EscapeLines((*login)->issuer),
                              " with other settings; it is deleted here, and "
                              "was not revoked."));
    PrintResult(session, (*login)->issuer, true, false);
    return absl::OkStatus();
  }
  const absl::StatusOr<bool> revoked = RevokeLogin(world, settings, **login);
  if (!revoked.ok()) {
    return base::Annotate(revoked.status(), "deleted here, but not revoked");
  }
  PrintResult(session, settings.issuer, true, *revoked);
  return absl::OkStatus();
}

}  // namespace

void AddLogout(CLI::App& root, Session& session) {
  const auto options = std::make_shared<LoginOptions>();
  CLI::App& leaf =
      AddCommand(root, session, Needs::kServer, "logout",
                 "Delete the tokens of a login and revoke them at the issuer",
                 "countersign logout\ncountersign logout --context release");
  AddLoginOptions(leaf, *options);
  SetAction(leaf, session,
            [&session, options] { return Logout(session, *options); });
}

}  // namespace countersign::client
