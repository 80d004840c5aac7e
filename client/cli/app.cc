#include "client/cli/app.h"

#include <CLI/CLI.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "client/api/client_error.h"
#include "client/cli/command_tree.h"
#include "client/cli/commands/commands.h"
#include "client/cli/error_text.h"
#include "client/cli/session.h"
#include "client/cli/version.h"

namespace countersign::client {
namespace {

constexpr char kFooter[] =
    "\nSettings of the connection come from a context of the configuration\n"
    "file ($XDG_CONFIG_HOME/countersign/config.yaml or\n"
    "~/.config/countersign/config.yaml), from COUNTERSIGN_* variables, and "
    "from\n"
    "options; later ones are stronger.\n"
    "\n"
    "Examples:\n"
    "  countersign whoami\n"
    "  countersign sign blob firmware.bin -p router/firmware -O firmware.sig\n"
    "  countersign request list --pending\n"
    "\n";

void BuildTree(CLI::App& root, Session& session) {
  root.name("countersign");
  root.require_subcommand(1);
  root.set_version_flag("--version",
                        absl::StrCat("countersign ", kVersion, "\n"));
  root.footer(absl::StrCat(kFooter, kExitCodeHelp));
  root.add_option("-o,--output-format", session.output_format,
                  "human (default) or json")
      ->check(CLI::IsMember({"human", "json"}))
      ->type_name("FORMAT");
  AddConnectionOptions(root, session);
  AddSignCommands(root, session);
  AddRequestCommands(root, session);
  AddDecisionCommands(root, session);
  AddVerifyCommands(root, session);
  AddHashCommands(root, session);
  AddNormaliseCommands(root, session);
  AddProductCommands(root, session);
  AddKeyCommands(root, session);
  AddAuthorityCommands(root, session);
  AddAuditCommands(root, session);
  AddLogin(root, session);
  AddLogout(root, session);
  AddOtherCommands(root, session);
}

// A command line that could not be parsed may still have said -o json.
bool WantsJson(const std::vector<std::string>& arguments) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& a = arguments[i];
    if (a == "-ojson" || a == "-o=json" || a == "--output-format=json") {
      return true;
    }
    if ((a == "-o" || a == "--output-format") && i + 1 < arguments.size() &&
        arguments[i + 1] == "json") {
      return true;
    }
  }
  return false;
}

// `unread`: words that were neither a command nor an argument.
absl::Status UsageError(absl::string_view what,
                        const std::vector<std::string>& unread) {
  std::string message(what);
  if (!unread.empty() && !absl::StrContains(message, unread[0])) {
    absl::StrAppend(&message, " (\"", unread[0], "\" is not known here)");
  }
  return base::MakeError(
      absl::StatusCode::kInvalidArgument,
      absl::StrCat(message, "; --help after the command tells more"),
      Because("USAGE"));
}

ExitCode Tell(const absl::Status& status, bool json, Console& console) {
  if (status.ok()) return ExitCode::kOk;
  if (json) {
    console.err << base::PrettyJson(ErrorJson(status)) << "\n";
  } else {
    console.err << ErrorText(status);
  }
  console.err.flush();
  return ExitCodeFor(status);
}

}  // namespace

ExitCode RunCli(const std::vector<std::string>& arguments, Console& console) {
  Session session(console);
  CLI::App root(
      "Ask for signatures by HSM keys, agree to them, and verify them.");
  BuildTree(root, session);
  // CLI11 takes the arguments from the back, and throws; both end here.
  try {
    root.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::Success& help) {
    root.exit(help, console.out, console.err);
    console.out.flush();
    return ExitCode::kOk;
  } catch (const CLI::Error& error) {
    return Tell(UsageError(error.what(), root.remaining(true)),
                WantsJson(arguments), console);
  }
  const absl::Status status =
      session.action ? session.action() : absl::OkStatus();
  return Tell(status, session.json(), console);
}

}  // namespace countersign::client
