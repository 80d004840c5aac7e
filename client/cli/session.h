// One run of one command: what the flags said, the connection (made when it is
// first needed), and the two ways of output. Every command borrows it.
#ifndef COUNTERSIGN_CLIENT_CLI_SESSION_H_
#define COUNTERSIGN_CLIENT_CLI_SESSION_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/json.h"
#include "client/api/connection.h"
#include "client/cli/console.h"
#include "client/cli/settings.h"

namespace countersign::client {

// Thread-compatible.
class Session {
 public:
  // `console` must outlive this.
  explicit Session(Console& console) : console_(console) {}

  // Filled by the parser.
  ConnectionFlags flags;
  std::string output_format = "human";
  std::function<absl::Status()> action;

  Console& console() { return console_; }
  bool json() const { return output_format == "json"; }
  absl::Time now() const { return console_.clock.Now(); }

  // Reads settings and credentials; does not reach the server yet.
  absl::StatusOr<Connection*> Connect();

  // To standard output, as it is: human text must have gone through
  // base::EscapeForDisplay (text_block.h, text_table.h do it).
  void Print(absl::string_view text);
  void PrintJson(const base::Json& value);
  // A line for people on standard error; nothing with -o json.
  void Note(absl::string_view text);
  // `octets` to `path`, or to standard output where it is empty or "-".
  absl::Status WriteResult(const std::string& path, absl::string_view octets);
  // "y" from the terminal. INVALID_ARGUMENT (CONFIRMATION_NEEDED) where there
  // is none, CANCELLED (NOT_CONFIRMED) for any other answer.
  absl::Status Confirm(absl::string_view question);
  // The same for what cannot be had back: `word` itself has to be typed.
  absl::Status ConfirmByTyping(absl::string_view warning,
                               absl::string_view word);

 private:
  // Tells a person that a call is tried again after `pause`.
  void NoteRetry(const absl::Status& status, absl::Duration pause);
  absl::Status CheckTerminal() const;
  // One line, without blanks around it.
  std::string Answer();

  Console& console_;
  std::unique_ptr<Connection> connection_;
};

// A file that the user named, or "-" for standard input. INVALID_ARGUMENT
// (FILE_UNREADABLE) for every failure: the fault is in what was typed.
absl::StatusOr<std::string> ReadInput(Session& session, const std::string& path,
                                      size_t max_bytes = 16 << 20);

// An error about a local file as bad input, whatever its code was.
absl::Status AsBadInput(const absl::Status& status);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_SESSION_H_
