// countersign whoami, context list, completion, version
#include <CLI/CLI.hpp>
#include <memory>

#include "base/status_macros.h"
#include "client/api/audit_client.h"
#include "client/cli/command_tree.h"
#include "client/cli/commands/commands.h"
#include "client/cli/completion.h"
#include "client/cli/proto_json.h"
#include "client/cli/render_caller.h"
#include "client/cli/text_table.h"
#include "client/cli/version.h"

namespace countersign::client {
namespace {

absl::Status WhoAmI(Session& session) {
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  ASSIGN_OR_RETURN(const v1::Caller caller, GetCaller(*connection));
  if (session.json()) {
    base::Json json = ProtoJson(caller);
    if (json.is_object()) {
      json.Set("credentialSource", connection->DescribeIdentity());
    }
    session.PrintJson(json);
    return absl::OkStatus();
  }
  session.Print(
      RenderCaller(caller, connection->DescribeIdentity(), session.now()));
  return absl::OkStatus();
}

absl::Status ListContexts(Session& session) {
  const ConfigPath path =
      FindConfig(session.flags, session.console().environment);
  ASSIGN_OR_RETURN(const ContextFile file, LoadContexts(path));
  if (session.json()) {
    base::Json::Array contexts;
    for (const Context& context : file.contexts) {
      contexts.push_back(
          base::Json::Object{{"name", context.name},
                             {"server", context.server},
                             {"caFile", context.ca_file},
                             {"certificateFile", context.certificate_file},
                             {"privateKeyFile", context.private_key_file},
                             {"identity", IdentityText(context)}});
    }
    session.PrintJson(
        base::Json::Object{{"configFile", path.path},
                           {"currentContext", file.current_context},
                           {"contexts", std::move(contexts)}});
    return absl::OkStatus();
  }
  if (file.contexts.empty()) {
    session.Print("no contexts; they would stand in " + EscapeLines(path.path) +
                  "\n");
    return absl::OkStatus();
  }
  TextTable table({"CURRENT", "NAME", "SERVER", "IDENTITY"});
  for (const Context& context : file.contexts) {
    table.AddRow({context.name == file.current_context ? "*" : "", context.name,
                  context.server, IdentityText(context)});
  }
  session.Print(table.Format());
  return absl::OkStatus();
}

void AddCompletion(CLI::App& root, Session& session) {
  const auto shell = std::make_shared<std::string>();
  CLI::App& leaf =
      AddCommand(root, session, Needs::kNothing, "completion",
                 "A completion script for the shell",
                 "countersign completion bash > "
                 "/etc/bash_completion.d/countersign\n"
                 "countersign completion zsh > \"${fpath[1]}/_countersign\"");
  leaf.add_option("shell", *shell, "bash or zsh")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh"}))
      ->type_name("SHELL");
  SetAction(leaf, session, [&session, &root, shell] {
    session.Print(*shell == "zsh" ? ZshCompletion(root) : BashCompletion(root));
    return absl::OkStatus();
  });
}

}  // namespace

void AddOtherCommands(CLI::App& root, Session& session) {
  CLI::App& whoami = AddCommand(
      root, session, Needs::kServer, "whoami",
      "How the server sees us: subject, groups, roles, and when that ends",
      "countersign whoami\n"
      "countersign whoami --token-file /run/token -o json");
  SetAction(whoami, session, [&session] { return WhoAmI(session); });

  CLI::App& contexts =
      AddGroup(root, "context", "Named connections of the configuration file");
  CLI::App& list = AddCommand(contexts, session, Needs::kNothing, "list",
                              "List the contexts", "countersign context list");
  list.add_option("--config", session.flags.config, "configuration file")
      ->type_name("FILE");
  SetAction(list, session, [&session] { return ListContexts(session); });

  AddCompletion(root, session);

  CLI::App& version = AddCommand(root, session, Needs::kNothing, "version",
                                 "Show the version", "countersign version");
  SetAction(version, session, [&session] {
    if (session.json()) {
      session.PrintJson(base::Json::Object{{"version", kVersion}});
    } else {
      session.Print(std::string("countersign ") + kVersion + "\n");
    }
    return absl::OkStatus();
  });
}

}  // namespace countersign::client
