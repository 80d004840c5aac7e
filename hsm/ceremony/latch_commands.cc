// countersign-hsm latch show|clear
#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/encoding.h"
#include "base/status_macros.h"
#include "hsm/ceremony/command_tree.h"
#include "hsm/ceremony/commands.h"
#include "hsm/ceremony/errors.h"
#include "hsm/ceremony/pin_entry.h"
#include "hsm/ceremony/text_table.h"
#include "hsm/pin_latch.h"

namespace countersign::hsm {
namespace {

// What is typed to clear one that nobody can read.
constexpr char kUnreadable[] = "unreadable";

absl::StatusOr<PinLatch> LatchOf(const Run& run) {
  if (run.latch_file.empty() && !IsPinFile(run.pin_file)) {
    return error::Usage("--pin-file or --latch-file is needed");
  }
  return PinLatch(PinLatch::PathFor(run.pin_file, run.latch_file));
}

base::Json ToJson(const std::string& path,
                  const std::optional<LatchRecord>& record) {
  base::Json json =
      base::Json::Object{{"latchFile", path}, {"latched", record.has_value()}};
  if (!record.has_value()) return json;
  json.Set("token", base::EscapeForDisplay(record->token_label));
  json.Set("serial", base::EscapeForDisplay(record->token_serial));
  json.Set("ckr", base::EscapeForDisplay(record->ckr));
  json.Set("setTime", absl::FormatTime(absl::RFC3339_sec, record->set_at,
                                       absl::UTCTimeZone()));
  return json;
}

absl::Status Show(Run& run) {
  ASSIGN_OR_RETURN(const PinLatch latch, LatchOf(run));
  ASSIGN_OR_RETURN(const std::optional<LatchRecord> record, latch.Describe());
  if (run.json()) {
    run.PrintJson(ToJson(latch.path(), record));
  } else if (!record.has_value()) {
    run.Print("No PIN is latched.\n");
  } else {
    run.Print(absl::StrCat("Latched: ", base::EscapeForDisplay(record->Text()),
                           "\nThis PIN is not tried again until the PIN file "
                           "changes or `latch clear` is run.\n"));
  }
  return absl::OkStatus();
}

absl::Status Clear(Run& run) {
  ASSIGN_OR_RETURN(const PinLatch latch, LatchOf(run));
  const absl::StatusOr<std::optional<LatchRecord>> record = latch.Describe();
  // One that cannot be understood holds against every PIN: it can be cleared.
  if (record.ok() && !record->has_value()) {
    run.Print(run.json() ? "{\n  \"cleared\": false\n}\n"
                         : "No PIN is latched; nothing was changed.\n");
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(run.Confirm(
      absl::StrCat(
          record.ok() ? base::EscapeForDisplay((*record)->Text())
                      : base::EscapeForDisplay(record.status().message()),
          "\nWithout the latch the server and this tool try the PIN of the PIN "
          "file again, once. If it is wrong still, the token counts it, and "
          "locks after a few."),
      record.ok() ? (*record)->token_label : kUnreadable));
  ASSIGN_OR_RETURN(const bool cleared, latch.Clear());
  if (run.json()) {
    run.PrintJson(base::Json::Object{{"cleared", cleared}});
  } else {
    run.Print(absl::StrCat("Cleared: ", latch.path(), "\n"));
  }
  return absl::OkStatus();
}

void AddFiles(CLI::App& leaf, Run& run) {
  leaf.add_option("--pin-file", run.pin_file,
                  "the PIN file whose latch is meant; it is not read")
      ->type_name("FILE");
  leaf.add_option("--latch-file", run.latch_file,
                  "the latch itself (default: the PIN file with .latch at its "
                  "end)")
      ->type_name("FILE");
}

}  // namespace

void AddLatchCommands(CLI::App& root, Run& run) {
  CLI::App& group = AddGroup(
      root, "latch", "The memory of a refused PIN, which stops further tries");
  CLI::App& show = AddCommand(
      group, run, Needs::kNothing, "show", "Whether a PIN is latched, and why",
      "countersign-hsm latch show --pin-file /etc/countersign/hsm-pin");
  AddFiles(show, run);
  SetAction(show, run, [&run] { return Show(run); });

  CLI::App& clear = AddCommand(
      group, run, Needs::kNothing, "clear",
      "Let the PIN be tried again; first look why it was refused",
      "countersign-hsm latch clear --pin-file /etc/countersign/hsm-pin");
  AddFiles(clear, run);
  AddConfirm(clear, run, "the token's label");
  SetAction(clear, run, [&run] { return Clear(run); });
}

}  // namespace countersign::hsm
