#include "client/login/check_settings.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/error.h"
#include "client/api/client_error.h"
#include "client/login/issuer_url.h"

namespace countersign::client {
namespace {

// RFC 6749 3.3: printable ASCII without blank, quote and backslash.
bool IsScope(absl::string_view scope) {
  return !scope.empty() && std::all_of(scope.begin(), scope.end(), [](char c) {
    return absl::ascii_isgraph(c) && c != '"' && c != '\\';
  });
}

// What is sent in a form, or shown: no control characters.
bool IsText(absl::string_view text) {
  return base::EscapeForDisplay(text) == text;
}

}  // namespace

absl::Status CheckLoginSettings(const LoginSettings& settings) {
  std::string wrong;
  const auto say = [&wrong](const char* key, absl::string_view what) {
    absl::StrAppend(&wrong, "\n  ", key, ": ", what);
  };
  if (settings.issuer.empty()) {
    say("issuer", "missing; --issuer, or `issuer` in the context's login");
  } else if (!IsIssuerUrl(settings.issuer)) {
    say("issuer", "an https URL without query is expected");
  }
  if (settings.client_id.empty()) {
    say("client_id",
        "missing; --client-id, or `client_id` in the context's login");
  } else if (!IsText(settings.client_id)) {
    say("client_id", "has control characters");
  }
  if (!IsText(settings.audience)) say("audience", "has control characters");
  if (!IsText(settings.prompt)) say("prompt", "has control characters");
  for (const std::string& scope : settings.scopes) {
    if (!IsScope(scope)) {
      say("scopes", absl::StrCat("\"", base::EscapeForDisplay(scope),
                                 "\" is no scope: one word each"));
    }
  }
  if (!settings.token.empty() && settings.token != "access_token" &&
      settings.token != "id_token") {
    say("token", "access_token or id_token is expected");
  }
  if (wrong.empty()) return absl::OkStatus();
  return base::MakeError(
      absl::StatusCode::kInvalidArgument,
      absl::StrCat("there is not enough to log in with:", wrong),
      Because("LOGIN_SETTINGS_WRONG"));
}

bool SendsIdToken(const LoginSettings& settings) {
  return settings.token.empty() ? settings.audience.empty()
                                : settings.token == "id_token";
}

}  // namespace countersign::client
