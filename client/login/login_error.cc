#include "client/login/login_error.h"

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/error.h"
#include "client/api/client_error.h"

namespace countersign::client {
namespace {

constexpr size_t kMaxText = 300;

}  // namespace

std::string IssuerText(absl::string_view text) {
  std::string safe = base::EscapeForDisplay(text.substr(0, kMaxText));
  if (text.size() > kMaxText) safe += "...";
  return safe;
}

absl::Status LoginNeeded(absl::string_view issuer, absl::string_view context,
                         absl::string_view why) {
  const std::string command =
      context.empty() ? "countersign login"
                      : absl::StrCat("countersign login --context ", context);
  return base::MakeError(
      absl::StatusCode::kUnauthenticated,
      absl::StrCat("not logged in at ", issuer, ": ", why, "; run: ", command),
      Because("LOGIN_NEEDED", {{"issuer", std::string(issuer)}}));
}

absl::Status IssuerAnswerWrong(absl::string_view what, absl::string_view why) {
  return base::MakeError(absl::StatusCode::kFailedPrecondition,
                         absl::StrCat(what, ": ", why),
                         Because("ISSUER_ANSWER_WRONG"));
}

absl::Status IssuerBusy(absl::string_view what, int code) {
  return base::MakeError(
      absl::StatusCode::kUnavailable,
      absl::StrCat(what, ": the issuer answers HTTP ", code, "; try later"),
      Because("ISSUER_UNAVAILABLE"));
}

absl::Status IssuerRefused(absl::string_view what, absl::string_view error,
                           absl::string_view description) {
  const std::string word = IssuerText(error);
  const bool denied = error == "access_denied";
  return base::MakeError(
      denied ? absl::StatusCode::kPermissionDenied
             : absl::StatusCode::kUnauthenticated,
      absl::StrCat(what, ": the issuer refuses: ", word,
                   description.empty() ? "" : ": ", IssuerText(description)),
      Because(denied ? "LOGIN_DENIED" : "ISSUER_REFUSED", {{"error", word}}));
}

absl::Status LoginWayMissing(absl::string_view issuer, absl::string_view what) {
  return base::MakeError(absl::StatusCode::kFailedPrecondition,
                         absl::StrCat(issuer, " offers no ", what),
                         Because("LOGIN_WAY_MISSING"));
}

absl::Status LoginTimedOut(absl::string_view what) {
  return base::MakeError(absl::StatusCode::kDeadlineExceeded,
                         absl::StrCat("the login was not finished: ", what,
                                      "; begin again: countersign login"),
                         Because("LOGIN_TIMED_OUT"));
}

absl::Status TokenUnreadable(absl::string_view path, absl::string_view why) {
  return base::MakeError(absl::StatusCode::kUnauthenticated,
                         absl::StrCat(path, ": ", why),
                         Because("TOKEN_UNREADABLE"));
}

absl::Status LoginInterrupted() {
  return base::MakeError(absl::StatusCode::kCancelled, "interrupted",
                         Because("INTERRUPTED"));
}

}  // namespace countersign::client
