#include "hsm/ceremony/app.h"

#include <CLI/CLI.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "hsm/ceremony/commands.h"
#include "hsm/ceremony/error_text.h"
#include "hsm/ceremony/errors.h"
#include "hsm/ceremony/run.h"
#include "hsm/ceremony/version.h"

namespace countersign::hsm {
namespace {

// Debian's place of SoftHSM.
constexpr char kDefaultModule[] = "/usr/lib/softhsm/libsofthsm2.so";

constexpr char kFooter[] =
    "\nWorks on the token itself, without the server. What disturbs a server "
    "that\n"
    "is using the token is refused; a server on another machine or in a\n"
    "container of its own is not seen.\n"
    "\n"
    "PINs come from files (mode 0600) or are typed at the terminal; no option\n"
    "takes one. Private keys are made in the token and stay there: nothing "
    "here\n"
    "imports or exports one.\n"
    "\n"
    "Examples:\n"
    "  countersign-hsm token list\n"
    "  countersign-hsm token init release\n"
    "  countersign-hsm key generate firmware --type P-256 --token release\n"
    "  countersign-hsm key inspect firmware --token release\n"
    "\n";

void BuildTree(CLI::App& root, Run& run) {
  root.name("countersign-hsm");
  root.require_subcommand(1);
  root.set_version_flag("--version",
                        absl::StrCat("countersign-hsm ", kVersion, "\n"));
  root.footer(absl::StrCat(kFooter, kExitCodeHelp));
  root.add_option("-o,--output-format", run.output_format,
                  "human (default) or json")
      ->check(CLI::IsMember({"human", "json"}))
      ->type_name("FORMAT");
  AddTokenCommands(root, run);
  AddKeyCommands(root, run);
  AddCertificateCommands(root, run);
  AddCaCommands(root, run);
  AddLatchCommands(root, run);
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

// Before anything is parsed: no message may repeat what stands behind it.
absl::Status CheckNoPin(const std::vector<std::string>& arguments) {
  for (const std::string& argument : arguments) {
    for (const absl::string_view flag : {"--pin", "--so-pin", "--new-pin"}) {
      if (argument == flag ||
          absl::StartsWith(argument, absl::StrCat(flag, "="))) {
        return error::PinOnCommandLine(flag);
      }
    }
  }
  return absl::OkStatus();
}

// `unread`: words that were neither a command nor an argument.
absl::Status UsageError(absl::string_view what,
                        const std::vector<std::string>& unread) {
  std::string message(what);
  if (!unread.empty() && !absl::StrContains(message, unread[0])) {
    absl::StrAppend(&message, " (\"", unread[0], "\" is not known here)");
  }
  return error::Usage(message);
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

ExitCode RunCeremony(const std::vector<std::string>& arguments,
                     Console& console) {
  const absl::Status no_pin = CheckNoPin(arguments);
  if (!no_pin.ok()) return Tell(no_pin, WantsJson(arguments), console);
  Run run(console);
  run.module.path = kDefaultModule;
  CLI::App root("Prepare tokens and keys for countersign: the key ceremony.");
  BuildTree(root, run);
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
  return Tell(run.action ? run.action() : absl::OkStatus(), run.json(),
              console);
}

}  // namespace countersign::hsm
