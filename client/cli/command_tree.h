// How commands are put into the tree of CLI11: every leaf has the connection
// and output options, examples, and one action. Called by commands/*.cc.
#ifndef COUNTERSIGN_CLIENT_CLI_COMMAND_TREE_H_
#define COUNTERSIGN_CLIENT_CLI_COMMAND_TREE_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "client/cli/session.h"

namespace CLI {
class App;
}  // namespace CLI

namespace countersign::client {

enum class Needs {
  kNothing,  // works offline: no connection options
  kServer,
  // Server, and an own --context KEY=VALUE; the connection's context is chosen
  // before the command or by COUNTERSIGN_CONTEXT.
  kServerOwnContext,
};

// A group of commands: needs one of them.
CLI::App& AddGroup(CLI::App& parent, const std::string& name,
                   const std::string& description);

// A leaf. `examples` is one command a line.
CLI::App& AddCommand(CLI::App& parent, Session& session, Needs needs,
                     const std::string& name, const std::string& description,
                     const std::string& examples);

// What the leaf does once everything is parsed.
void SetAction(CLI::App& leaf, Session& session,
               std::function<absl::Status()> action);

// --server, --ca and so on.
void AddConnectionOptions(CLI::App& app, Session& session,
                          bool with_context = true);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_COMMAND_TREE_H_
