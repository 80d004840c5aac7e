#include "client/cli/login_options.h"

#include <CLI/CLI.hpp>

#include "base/status_macros.h"

namespace countersign::client {

void AddLoginOptions(CLI::App& leaf, LoginOptions& options) {
  const auto add = [&leaf](const char* name, std::string& target,
                           const char* text, const char* type) {
    return leaf.add_option(name, target, text)->group("Login")->type_name(type);
  };
  add("--issuer", options.issuer, "who issues tokens, as it stands in them",
      "URL");
  add("--client-id", options.client_id, "countersign's name at the issuer",
      "ID");
  add("--issuer-ca", options.issuer_ca,
      "CA of the issuer's certificate, PEM; otherwise the system's", "FILE");
  add("--audience", options.audience,
      "whom the access token is for; without one the server gets the ID token",
      "AUDIENCE");
  add("--token", options.token, "access_token or id_token, for the server",
      "KIND")
      ->check(CLI::IsMember({"access_token", "id_token"}));
  leaf.add_option("--scope", options.scopes,
                  "instead of openid and offline_access; may be repeated")
      ->group("Login")
      ->type_name("SCOPE")
      ->allow_extra_args(false);
}

absl::StatusOr<ChosenLogin> ChooseLogin(Session& session,
                                        const LoginOptions& options) {
  ASSIGN_OR_RETURN(const Context context,
                   FindContext(session.flags, session.console().environment));
  const LoginSettings configured = context.login.value_or(LoginSettings());
  ChosenLogin chosen;
  LoginSettings& settings = chosen.settings;
  // What belongs to another issuer is not taken for this one.
  const bool same_issuer =
      options.issuer.empty() || options.issuer == configured.issuer;
  if (same_issuer) settings = configured;
  settings.context = context.name;
  const auto over = [](const std::string& option, std::string& setting) {
    if (!option.empty()) setting = option;
  };
  over(options.issuer, settings.issuer);
  over(options.client_id, settings.client_id);
  over(options.issuer_ca, settings.ca_file);
  over(options.audience, settings.audience);
  over(options.token, settings.token);
  if (!options.scopes.empty()) settings.scopes = options.scopes;
  chosen.in_context = context.login.has_value() && settings == configured;
  return chosen;
}

LoginWorld WorldOf(const Console& console) {
  return LoginWorld{console.https, console.clock, console.random,
                    console.interrupted};
}

}  // namespace countersign::client
