// One run of one command: what the flags said, and the ways of output. Every
// command borrows it.
#ifndef COUNTERSIGN_HSM_CEREMONY_RUN_H_
#define COUNTERSIGN_HSM_CEREMONY_RUN_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/json.h"
#include "hsm/ceremony/console.h"
#include "hsm/ceremony/open_token.h"

namespace countersign::hsm {

// Thread-compatible.
class Run {
 public:
  // `console` must outlive this.
  explicit Run(Console& console) : console_(console) {}

  // Filled by the parser.
  ModuleChoice module;
  TokenChoice token;
  std::string pin_file;
  std::string so_pin_file;
  std::string new_pin_file;
  std::string latch_file;
  std::string confirmed;  // --confirm: the word typed again
  bool force = false;
  std::string output_format = "human";
  std::function<absl::Status()> action;

  Console& console() { return console_; }
  bool json() const { return output_format == "json"; }

  // To standard output, as it is: human text must have gone through
  // text_table.h or base::EscapeForDisplay.
  void Print(absl::string_view text);
  void PrintJson(const base::Json& value);
  // A line for people on standard error; nothing with -o json.
  void Note(absl::string_view text);
  // `octets` to `path`, or to standard output where it is empty or "-".
  absl::Status WriteResult(const std::string& path, absl::string_view octets);

  // Has `word` typed again, at the terminal or as --confirm. `what` tells what
  // will happen. INVALID_ARGUMENT CONFIRMATION_NEEDED where nobody can be
  // asked, CANCELLED NOT_CONFIRMED for any other word.
  absl::Status Confirm(absl::string_view what, absl::string_view word);

  // The token that the flags name. Blocks.
  absl::StatusOr<std::unique_ptr<OpenToken>> Open(Session::Mode mode) const;
  // FAILED_PRECONDITION SERVER_RUNNING where a process serves the token and
  // there is no --force.
  absl::Status CheckUndisturbed(const SlotInfo& info);

 private:
  Console& console_;
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_CEREMONY_RUN_H_
