#include "client/cli/command_tree.h"

#include <CLI/CLI.hpp>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"

namespace countersign::client {
namespace {

// Text goes into messages, which hold UTF-8 only; paths may be any octets.
absl::Status CheckUtf8(const CLI::App& leaf) {
  for (const CLI::Option* option : leaf.get_options()) {
    const std::string type = option->get_type_name();
    if (absl::StartsWith(type, "FILE") || absl::StartsWith(type, "PATH")) {
      continue;
    }
    for (const std::string& text : option->results()) {
      const size_t valid = base::ValidUtf8Prefix(text);
      if (valid == text.size()) continue;
      return base::MakeError(
          absl::StatusCode::kInvalidArgument,
          absl::StrCat(option->get_name(), " is not UTF-8 from octet ", valid,
                       "; only UTF-8 is accepted"),
          Because("NOT_UTF8"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

CLI::App& AddGroup(CLI::App& parent, const std::string& name,
                   const std::string& description) {
  CLI::App* group = parent.add_subcommand(name, description);
  group->require_subcommand(1);
  return *group;
}

CLI::App& AddCommand(CLI::App& parent, Session& session, Needs needs,
                     const std::string& name, const std::string& description,
                     const std::string& examples) {
  CLI::App* leaf = parent.add_subcommand(name, description);
  leaf->add_option("-o,--output-format", session.output_format,
                   "human (default) or json")
      ->check(CLI::IsMember({"human", "json"}))
      ->type_name("FORMAT");
  if (needs != Needs::kNothing) {
    AddConnectionOptions(*leaf, session, needs == Needs::kServer);
  }
  std::string footer = "\nExamples:";
  for (const absl::string_view line : absl::StrSplit(examples, '\n')) {
    absl::StrAppend(&footer, "\n  ", line);
  }
  leaf->footer(footer);
  return *leaf;
}

void SetAction(CLI::App& leaf, Session& session,
               std::function<absl::Status()> action) {
  leaf.callback([&leaf, &session, action = std::move(action)] {
    session.action = [&leaf, action] {
      RETURN_IF_ERROR(CheckUtf8(leaf));
      return action();
    };
  });
}

void AddConnectionOptions(CLI::App& app, Session& session, bool with_context) {
  ConnectionFlags& flags = session.flags;
  const auto add = [&app](const char* name, std::string& target,
                          const char* text, const char* type) {
    app.add_option(name, target, text)->group("Connection")->type_name(type);
  };
  add("--server", flags.server, "where the server is (COUNTERSIGN_SERVER)",
      "HOST:PORT");
  add("--ca", flags.ca_file,
      "CA of the server's certificate, PEM; the system's (COUNTERSIGN_CA_FILE)",
      "FILE");
  add("--cert", flags.certificate_file,
      "our certificate, PEM (COUNTERSIGN_CERTIFICATE_FILE)", "FILE");
  add("--key", flags.private_key_file,
      "its private key, PEM (COUNTERSIGN_PRIVATE_KEY_FILE)", "FILE");
  // There is no --token: command lines are seen by others.
  add("--token-file", flags.token_file,
      "our token instead of a certificate (COUNTERSIGN_TOKEN_FILE, "
      "COUNTERSIGN_TOKEN)",
      "FILE");
  add("--token-audience", flags.token_audience,
      "for whom a token is; the server's host (COUNTERSIGN_TOKEN_AUDIENCE)",
      "TEXT");
  if (with_context) {
    add("--context", flags.context,
        "context of the configuration file (COUNTERSIGN_CONTEXT)", "NAME");
  }
  add("--config", flags.config, "configuration file (COUNTERSIGN_CONFIG)",
      "FILE");
  add("--timeout", flags.timeout,
      "of one call with its repetitions, 1m (COUNTERSIGN_TIMEOUT)", "DURATION");
  add("--server-name", flags.server_name,
      "name in the server's certificate, where it is not HOST "
      "(COUNTERSIGN_SERVER_NAME)",
      "NAME");
}

}  // namespace countersign::client
