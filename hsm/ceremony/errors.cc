#include "hsm/ceremony/errors.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/encoding.h"
#include "base/error.h"

namespace countersign::hsm::error {
namespace {

absl::Status Make(absl::StatusCode code, const char* reason,
                  absl::string_view message) {
  base::ErrorDetails details;
  details.reason = reason;
  return base::MakeError(code, message, details);
}

absl::Status Bad(const char* reason, absl::string_view message) {
  return Make(absl::StatusCode::kInvalidArgument, reason, message);
}

std::string Quoted(absl::string_view text) {
  return absl::StrCat("\"", base::EscapeForDisplay(text), "\"");
}

std::string QuotedList(const std::vector<std::string>& texts) {
  if (texts.empty()) return "none";
  return absl::StrJoin(texts, ", ", [](std::string* out, const auto& text) {
    absl::StrAppend(out, Quoted(text));
  });
}

}  // namespace

absl::Status Usage(absl::string_view what) {
  return Bad("USAGE",
             absl::StrCat(what, "; --help after the command tells more"));
}

absl::Status PinOnCommandLine(absl::string_view flag) {
  return Bad("PIN_ON_COMMAND_LINE",
             absl::StrCat("a PIN is never taken from the command line, where "
                          "every process sees it: use ",
                          flag,
                          "-file FILE, or be asked at the terminal. What stood "
                          "there should be changed"));
}

absl::Status PinNeeded(absl::string_view flag) {
  return Bad("PIN_NEEDED",
             absl::StrCat("there is no terminal to ask for the PIN at: give ",
                          flag, " FILE (mode 0600)"));
}

absl::Status BadPin(absl::string_view why) { return Bad("BAD_PIN", why); }

absl::Status BadFile(const absl::Status& cause) {
  const std::string reason = base::GetReason(cause);
  return Bad(reason.empty() ? "FILE_UNREADABLE" : reason.c_str(),
             cause.message());
}

absl::Status ConfirmationNeeded(absl::string_view word) {
  return Bad("CONFIRMATION_NEEDED",
             absl::StrCat("there is no terminal to ask at: look at it first, "
                          "then say --confirm ",
                          Quoted(word)));
}

absl::Status BadLabel(absl::string_view why) { return Bad("BAD_LABEL", why); }

absl::Status BadKeyId(absl::string_view why) { return Bad("BAD_KEY_ID", why); }

absl::Status BadCertificate(absl::string_view why) {
  return Bad("BAD_CERTIFICATE", why);
}

absl::Status NotConfirmed() {
  return Make(absl::StatusCode::kCancelled, "NOT_CONFIRMED",
              "not confirmed; nothing was changed");
}

absl::Status Interrupted() {
  return Make(absl::StatusCode::kCancelled, "INTERRUPTED",
              "interrupted; nothing was changed");
}

absl::Status TokenNotChosen(const std::vector<std::string>& tokens) {
  return Bad("TOKEN_NOT_CHOSEN",
             absl::StrCat("which token? Say --token LABEL, --serial or --slot; "
                          "there are: ",
                          QuotedList(tokens)));
}

absl::Status NoSuchToken(absl::string_view wanted,
                         const std::vector<std::string>& tokens) {
  return Make(absl::StatusCode::kNotFound, "TOKEN_NOT_FOUND",
              tokens.empty()
                  ? "the module shows no initialised token: it is away, or has "
                    "to be made by `token init`"
                  : absl::StrCat("no token with ", wanted,
                                 "; there are: ", QuotedList(tokens)));
}

absl::Status NoFreeSlot() {
  return Make(absl::StatusCode::kNotFound, "NO_FREE_SLOT",
              "no such slot that could hold a new token; `token list` shows "
              "those that there are");
}

absl::Status TokenInitialised(absl::string_view label) {
  return Make(absl::StatusCode::kFailedPrecondition, "TOKEN_NOT_EMPTY",
              absl::StrCat("the token ", Quoted(label),
                           " is initialised already; --erase destroys it with "
                           "all its keys"));
}

absl::Status ServerRunning(absl::string_view label,
                           const std::vector<pid_t>& pids) {
  return Make(
      absl::StatusCode::kFailedPrecondition, "SERVER_RUNNING",
      absl::StrCat("the token ", Quoted(label), " is being served by process ",
                   absl::StrJoin(pids, ", "),
                   ": stop it first, or say --force"));
}

absl::Status KeyExists(absl::string_view label, absl::string_view id) {
  return Make(absl::StatusCode::kAlreadyExists, "KEY_EXISTS",
              absl::StrCat("the token has a key ", Quoted(label), " (id ", id,
                           ") already: two alike could not be told apart"));
}

absl::Status NoSuchKey(absl::string_view wanted,
                       const std::vector<std::string>& labels) {
  return Make(absl::StatusCode::kNotFound, "KEY_MISSING",
              absl::StrCat("the token has no key ", wanted,
                           "; its keys are: ", QuotedList(labels)));
}

absl::Status KeyAmbiguous(absl::string_view label,
                          const std::vector<std::string>& ids) {
  return Make(absl::StatusCode::kFailedPrecondition, "KEY_AMBIGUOUS",
              absl::StrCat("several keys are labelled ", Quoted(label),
                           ": say which with --id; their ids are ",
                           absl::StrJoin(ids, ", ")));
}

absl::Status CertificateOfOtherKey(absl::string_view label) {
  return Make(absl::StatusCode::kFailedPrecondition, "CERTIFICATE_OF_OTHER_KEY",
              absl::StrCat("the certificate is not one for the key ",
                           Quoted(label), ": its public key is another"));
}

absl::Status CertificateExists(absl::string_view label) {
  return Make(absl::StatusCode::kAlreadyExists, "CERTIFICATE_EXISTS",
              absl::StrCat("the key ", Quoted(label),
                           " has a certificate already; --replace takes it "
                           "away"));
}

absl::Status NoCertificate(absl::string_view label) {
  return Make(
      absl::StatusCode::kNotFound, "CERTIFICATE_MISSING",
      absl::StrCat("the token has no certificate of the key ", Quoted(label)));
}

}  // namespace countersign::hsm::error
