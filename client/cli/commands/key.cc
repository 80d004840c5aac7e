// countersign key public|csr|set-chain|chain; the rest is in key_life.cc
#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/api/key_client.h"
#include "client/cli/command_tree.h"
#include "client/cli/commands/commands.h"
#include "client/cli/proto_json.h"
#include "client/cli/render_key.h"
#include "client/cli/resource_names.h"
#include "client/cli/text_table.h"

namespace countersign::client {
namespace {

struct Options {
  std::string name;
  std::string output;
  std::string subject;
  std::string chain_file;
};

absl::Status Show(Session& session, const v1::KeyVersion& key) {
  if (session.json()) {
    session.PrintJson(ProtoJson(key));
  } else {
    session.Print(RenderKey(key, session.now()));
  }
  return absl::OkStatus();
}

// PEM to a file or standard output; with -o json the resource goes to standard
// output, and PEM only to a file that was named.
absl::Status WritePem(Session& session, const Options& options,
                      const google::protobuf::Message& resource,
                      const std::string& pem) {
  if (session.json()) session.PrintJson(ProtoJson(resource));
  if (session.json() && options.output.empty()) return absl::OkStatus();
  return session.WriteResult(options.output, pem);
}

absl::Status Public(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const std::string name, KeyNameFrom(options.name));
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  ASSIGN_OR_RETURN(const v1::KeyVersion key, KeyClient(*connection).Get(name));
  return WritePem(session, options, key, key.public_key_pem());
}

absl::Status Chain(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const std::string name, KeyNameFrom(options.name));
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  ASSIGN_OR_RETURN(const v1::KeyVersion key, KeyClient(*connection).Get(name));
  if (key.certificate_chain_pem().empty()) {
    return base::MakeError(
        absl::StatusCode::kNotFound,
        absl::StrCat(key.name(), " has no certificate chain yet"),
        Because("CHAIN_MISSING"));
  }
  return WritePem(session, options, key, key.certificate_chain_pem());
}

absl::Status Csr(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const std::string name, KeyNameFrom(options.name));
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  ASSIGN_OR_RETURN(const v1::CertificateSigningRequest csr,
                   KeyClient(*connection).CreateCsr(name, options.subject));
  session.Note(EscapeLines(absl::StrCat("signed by ", csr.key_version())));
  return WritePem(session, options, csr, csr.pem());
}

absl::Status SetChain(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const std::string name, KeyNameFrom(options.name));
  ASSIGN_OR_RETURN(const std::string pem,
                   ReadInput(session, options.chain_file, 64 << 10));
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  ASSIGN_OR_RETURN(const v1::KeyVersion key,
                   KeyClient(*connection).SetChain(name, pem));
  return Show(session, key);
}

using Run = absl::Status (*)(Session&, const Options&);

struct Added {
  CLI::App& leaf;
  std::shared_ptr<Options> options;
};

Added Add(CLI::App& group, Session& session, const char* name,
          const char* description, const char* examples, Run run) {
  const auto options = std::make_shared<Options>();
  CLI::App& leaf =
      AddCommand(group, session, Needs::kServer, name, description, examples);
  leaf.add_option("name", options->name,
                  "operation (PRODUCT/OPERATION or whole name) or key version")
      ->required()
      ->type_name("OPERATION");
  SetAction(leaf, session,
            [&session, options, run] { return run(session, *options); });
  return {leaf, options};
}

void AddOutput(const Added& added) {
  added.leaf
      .add_option("-O,--output", added.options->output,
                  "file instead of standard output")
      ->type_name("FILE");
}

}  // namespace

void AddKeyCommands(CLI::App& root, Session& session) {
  CLI::App& group = AddGroup(
      root, "key", "Keys of operations: public keys, certificates, versions");
  AddOutput(Add(group, session, "public", "The public key, PEM",
                "countersign key public router/oci -O router.pub.pem", Public));
  const Added csr = Add(
      group, session, "csr", "A certificate request signed by the HSM key, PEM",
      "countersign key csr router/detached -O router.csr\n"
      "countersign key csr router/detached --subject \"CN=Router,O=Example\"",
      Csr);
  AddOutput(csr);
  csr.leaf.add_option("--subject", csr.options->subject,
                      "instead of the CN of the product's file");
  const Added set =
      Add(group, session, "set-chain",
          "Upload the certificate chain: leaf first, intermediates, no root",
          "countersign key set-chain router/detached chain.pem", SetChain);
  set.leaf.add_option("chain", set.options->chain_file, "certificates, PEM")
      ->required()
      ->type_name("FILE");
  AddOutput(Add(group, session, "chain", "The certificate chain, PEM",
                "countersign key chain router/detached", Chain));
  AddKeyLife(group, session);
}

}  // namespace countersign::client
