// How commands are put into the tree of CLI11: every leaf has the options of
// what it reaches, examples, and one action. Called by *_commands.cc.
#ifndef COUNTERSIGN_HSM_CEREMONY_COMMAND_TREE_H_
#define COUNTERSIGN_HSM_CEREMONY_COMMAND_TREE_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "hsm/ceremony/run.h"

namespace CLI {
class App;
}  // namespace CLI

namespace countersign::hsm {

enum class Needs {
  kNothing,
  kModule,  // --module, --init-args
  kToken,   // and --token, --serial, --slot
  kLogin,   // and --pin-file, --latch-file, --force
};

// A group of commands: needs one of them.
CLI::App& AddGroup(CLI::App& parent, const std::string& name,
                   const std::string& description);

// A leaf. `examples` is one command a line.
CLI::App& AddCommand(CLI::App& parent, Run& run, Needs needs,
                     const std::string& name, const std::string& description,
                     const std::string& examples);

// What the leaf does once everything is parsed.
void SetAction(CLI::App& leaf, Run& run, std::function<absl::Status()> action);

// --confirm WORD, for what cannot be undone.
void AddConfirm(CLI::App& leaf, Run& run, const std::string& word);
void AddForce(CLI::App& leaf, Run& run, const std::string& text);

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_CEREMONY_COMMAND_TREE_H_
