#include "client/cli/session.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/file.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/api/credentials.h"
#include "client/cli/identity.h"
#include "client/cli/text_table.h"

namespace countersign::client {
namespace {

absl::Status NotConfirmed() {
  return base::MakeError(absl::StatusCode::kCancelled,
                         "not confirmed; nothing was changed",
                         Because("NOT_CONFIRMED"));
}

}  // namespace

void Session::NoteRetry(const absl::Status& status, absl::Duration pause) {
  // What passes in a moment need not be told.
  if (pause < absl::Seconds(1)) return;
  Note(absl::StrCat(
      EscapeLines(status.message()), "; again in ",
      absl::FormatDuration(absl::Trunc(pause, absl::Milliseconds(100)))));
}

absl::StatusOr<Connection*> Session::Connect() {
  if (connection_ != nullptr) return connection_.get();
  ASSIGN_OR_RETURN(const Settings settings,
                   ResolveSettings(flags, console_.environment));
  if (console_.connect) {
    ASSIGN_OR_RETURN(connection_, console_.connect(settings));
    return connection_.get();
  }
  ASSIGN_OR_RETURN(
      Credentials credentials,
      LoadIdentity(settings,
                   {console_.environment, console_.clock, console_.random,
                    console_.interrupted, console_.https}));
  ConnectionOptions options;
  options.call_timeout = settings.timeout;
  // Who allows more allows it for these as well.
  options.key_making_timeout =
      std::max(options.key_making_timeout, settings.timeout);
  options.retrying = [this](const absl::Status& status, absl::Duration pause) {
    NoteRetry(status, pause);
  };
  options.interrupted = console_.interrupted;
  ASSIGN_OR_RETURN(connection_,
                   Connection::Open(settings.server, settings.server_name,
                                    std::move(credentials), std::move(options),
                                    console_.clock, console_.random));
  return connection_.get();
}

void Session::Print(absl::string_view text) {
  console_.out.write(text.data(), static_cast<std::streamsize>(text.size()));
  console_.out.flush();
}

void Session::PrintJson(const base::Json& value) {
  Print(absl::StrCat(base::PrettyJson(value), "\n"));
}

void Session::Note(absl::string_view text) {
  if (json()) return;
  console_.err << std::string(text) << "\n" << std::flush;
}

absl::Status Session::WriteResult(const std::string& path,
                                  absl::string_view octets) {
  if (path.empty() || path == "-") {
    Print(octets);
    return absl::OkStatus();
  }
  const absl::Status written = base::WriteFileAtomically(path, octets);
  return written.ok() ? written : AsBadInput(written);
}

absl::Status Session::Confirm(absl::string_view question) {
  RETURN_IF_ERROR(CheckTerminal());
  console_.err << std::string(question) << " [y/N] " << std::flush;
  const std::string word = absl::AsciiStrToLower(Answer());
  return word == "y" || word == "yes" ? absl::OkStatus() : NotConfirmed();
}

absl::Status Session::ConfirmByTyping(absl::string_view warning,
                                      absl::string_view word) {
  RETURN_IF_ERROR(CheckTerminal());
  console_.err << warning << "\nType " << word << " to go on: " << std::flush;
  return Answer() == word ? absl::OkStatus() : NotConfirmed();
}

absl::Status Session::CheckTerminal() const {
  if (console_.interactive) return absl::OkStatus();
  return base::MakeError(
      absl::StatusCode::kInvalidArgument,
      "there is no terminal to ask at: look at it first, then say --yes",
      Because("CONFIRMATION_NEEDED"));
}

std::string Session::Answer() {
  std::string answer;
  std::getline(console_.in, answer);
  return std::string(absl::StripAsciiWhitespace(answer));
}

absl::StatusOr<std::string> ReadInput(Session& session, const std::string& path,
                                      size_t max_bytes) {
  if (path != "-") {
    absl::StatusOr<std::string> text = base::ReadFile(path, max_bytes);
    if (!text.ok()) return AsBadInput(text.status());
    return text;
  }
  std::string text{std::istreambuf_iterator<char>(session.console().in),
                   std::istreambuf_iterator<char>()};
  if (text.size() > max_bytes) {
    return AsBadInput(absl::InvalidArgumentError(
        absl::StrCat("standard input has more than ", max_bytes, " octets")));
  }
  return text;
}

absl::Status AsBadInput(const absl::Status& status) {
  const std::string reason = base::GetReason(status);
  return base::MakeError(absl::StatusCode::kInvalidArgument, status.message(),
                         Because(reason.empty() ? "FILE_UNREADABLE" : reason));
}

}  // namespace countersign::client
