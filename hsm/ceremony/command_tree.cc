#include "hsm/ceremony/command_tree.h"

#include <CLI/CLI.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/encoding.h"
#include "base/status_macros.h"
#include "hsm/ceremony/errors.h"

namespace countersign::hsm {
namespace {

// Text goes to the token and into messages, which hold UTF-8 only; paths may be
// any octets.
absl::Status CheckUtf8(const CLI::App& leaf) {
  for (const CLI::Option* option : leaf.get_options()) {
    if (option->get_type_name() == "FILE") continue;
    for (const std::string& text : option->results()) {
      if (base::IsValidUtf8(text)) continue;
      return error::Usage(absl::StrCat(option->get_name(), " is not UTF-8"));
    }
  }
  return absl::OkStatus();
}

void AddModuleOptions(CLI::App& leaf, Run& run) {
  leaf.add_option("--module", run.module.path,
                  "PKCS#11 module (default: SoftHSM's)")
      ->group("Token")
      ->type_name("FILE");
  leaf.add_option("--init-args", run.module.init_args,
                  "what the module wants to be initialised with (docs/hsm.md)")
      ->group("Token")
      ->type_name("TEXT");
}

void AddTokenOptions(CLI::App& leaf, Run& run) {
  leaf.add_option("--token", run.token.label,
                  "label of the token (default: the only one)")
      ->group("Token")
      ->type_name("LABEL");
  leaf.add_option("--serial", run.token.serial, "its serial number")
      ->group("Token")
      ->type_name("TEXT");
  leaf.add_option("--slot", run.token.slot, "its slot; may change")
      ->group("Token")
      ->type_name("NUMBER");
}

void AddPinOptions(CLI::App& leaf, Run& run) {
  leaf.add_option("--pin-file", run.pin_file,
                  "user PIN on its first line, mode 0600 (default: asked at "
                  "the terminal, as \"-\")")
      ->group("Token")
      ->type_name("FILE");
  leaf.add_option("--latch-file", run.latch_file,
                  "where a refused PIN is remembered (default: the PIN file "
                  "with .latch at its end, as the server)")
      ->group("Token")
      ->type_name("FILE");
}

}  // namespace

CLI::App& AddGroup(CLI::App& parent, const std::string& name,
                   const std::string& description) {
  CLI::App* group = parent.add_subcommand(name, description);
  group->require_subcommand(1);
  return *group;
}

CLI::App& AddCommand(CLI::App& parent, Run& run, Needs needs,
                     const std::string& name, const std::string& description,
                     const std::string& examples) {
  CLI::App* leaf = parent.add_subcommand(name, description);
  leaf->add_option("-o,--output-format", run.output_format,
                   "human (default) or json")
      ->check(CLI::IsMember({"human", "json"}))
      ->type_name("FORMAT");
  if (needs >= Needs::kModule) AddModuleOptions(*leaf, run);
  if (needs >= Needs::kToken) AddTokenOptions(*leaf, run);
  if (needs >= Needs::kLogin) AddPinOptions(*leaf, run);
  std::string footer = "\nExamples:";
  for (const absl::string_view line : absl::StrSplit(examples, '\n')) {
    absl::StrAppend(&footer, "\n  ", line);
  }
  leaf->footer(footer);
  return *leaf;
}

void SetAction(CLI::App& leaf, Run& run, std::function<absl::Status()> action) {
  leaf.callback([&leaf, &run, action = std::move(action)] {
    run.action = [&leaf, action] {
      RETURN_IF_ERROR(CheckUtf8(leaf));
      return action();
    };
  });
}

void AddConfirm(CLI::App& leaf, Run& run, const std::string& word) {
  leaf.add_option("--confirm", run.confirmed,
                  absl::StrCat(word, " again, instead of typing it"))
      ->type_name("TEXT");
}

void AddForce(CLI::App& leaf, Run& run, const std::string& text) {
  leaf.add_flag("--force", run.force, text);
}

}  // namespace countersign::hsm
