// The group `key`, and countersign key public; the rest is in key_*.cc
#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "base/status_macros.h"
#include "client/api/key_client.h"
#include "client/cli/command_tree.h"
#include "client/cli/commands/commands.h"
#include "client/cli/resource_names.h"
#include "client/cli/resource_output.h"

namespace countersign::client {
namespace {

struct Options {
  std::string name;
  std::string output;
};

absl::Status Public(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const std::string name, KeyNameFrom(options.name));
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  ASSIGN_OR_RETURN(const v1::KeyVersion key, KeyClient(*connection).Get(name));
  return WritePart(session, options.output, key, key.public_key_pem());
}

}  // namespace

void AddKeyCommands(CLI::App& root, Session& session) {
  CLI::App& group = AddGroup(
      root, "key", "Keys of operations: public keys, certificates, versions");
  const auto options = std::make_shared<Options>();
  CLI::App& leaf = AddCommand(
      group, session, Needs::kServer, "public", "The public key, PEM",
      "countersign key public router/oci -O router.pub.pem");
  leaf.add_option("name", options->name,
                  "operation (PRODUCT/OPERATION or whole name) or key version")
      ->required()
      ->type_name("OPERATION");
  leaf.add_option("-O,--output", options->output,
                  "file instead of standard output")
      ->type_name("FILE");
  SetAction(leaf, session,
            [&session, options] { return Public(session, *options); });
  AddKeyCertificates(group, session);
  AddKeyRenewal(group, session);
  AddKeyLife(group, session);
}

}  // namespace countersign::client
