// Completion scripts, made from the tree of commands itself, so that they know
// exactly what there is. Pure. Called by `completion`.
#ifndef COUNTERSIGN_CLIENT_CLI_COMPLETION_H_
#define COUNTERSIGN_CLIENT_CLI_COMPLETION_H_

#include <string>

namespace CLI {
class App;
}  // namespace CLI

namespace countersign::client {

// Commands and options; files where an argument stands.
std::string BashCompletion(const CLI::App& root);
// The same with descriptions.
std::string ZshCompletion(const CLI::App& root);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_COMPLETION_H_
