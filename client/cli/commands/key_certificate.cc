// countersign key csr|set-chain|chain
#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/api/key_client.h"
#include "client/cli/certificate_format.h"
#include "client/cli/command_tree.h"
#include "client/cli/commands/commands.h"
#include "client/cli/proto_json.h"
#include "client/cli/render_key.h"
#include "client/cli/resource_names.h"
#include "client/cli/resource_output.h"
#include "client/cli/text_table.h"

namespace countersign::client {
namespace {

struct Options {
  std::string name;
  std::string output;
  std::string subject;
  std::string chain_file;
  std::string format = kFormatPem;
  bool with_root = false;
};

// The root of the site's own authority that issued the newest certificate.
absl::StatusOr<std::string> RootFor(KeyClient& client,
                                    const v1::KeyVersion& key) {
  if (key.issued_certificates().empty()) {
    return base::MakeError(
        absl::StatusCode::kFailedPrecondition,
        absl::StrCat("the certificate of ", key.name(),
                     " was issued outside: the server does not know its root"),
        Because("ROOT_UNKNOWN"));
  }
  const std::string& name =
      key.issued_certificates().rbegin()->certificate_authority();
  ASSIGN_OR_RETURN(const std::vector<v1::CertificateAuthority> all,
                   client.ListAuthorities());
  for (const v1::CertificateAuthority& one : all) {
    if (one.name() != name) continue;
    ASSIGN_OR_RETURN(const std::vector<std::string> chain,
                     CertificatesOf(one.certificate_chain_pem()));
    return RootOf(chain);
  }
  return base::MakeError(
      absl::StatusCode::kNotFound,
      absl::StrCat("the authority \"", name, "\" is no longer configured"),
      Because("ROOT_UNKNOWN"));
}

absl::Status Chain(Session& session, const Options& options) {
  if (options.with_root && options.format == kFormatDer) {
    return base::MakeError(
        absl::StatusCode::kInvalidArgument,
        "--format der holds one certificate: --with-root does not go with it",
        Because("USAGE"));
  }
  ASSIGN_OR_RETURN(const std::string name, KeyNameFrom(options.name));
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  KeyClient client(*connection);
  ASSIGN_OR_RETURN(const v1::KeyVersion key, client.Get(name));
  if (key.certificate_chain_pem().empty()) {
    return base::MakeError(
        absl::StatusCode::kNotFound,
        absl::StrCat(key.name(), " has no certificate chain yet"),
        Because("CHAIN_MISSING"));
  }
  ASSIGN_OR_RETURN(std::vector<std::string> chain,
                   CertificatesOf(key.certificate_chain_pem()));
  if (options.with_root) {
    ASSIGN_OR_RETURN(chain.emplace_back(), RootFor(client, key));
  }
  return WritePart(session, options.output, key,
                   FormatCertificates(chain, options.format));
}

absl::Status Csr(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const std::string name, KeyNameFrom(options.name));
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  ASSIGN_OR_RETURN(const v1::CertificateSigningRequest csr,
                   KeyClient(*connection).CreateCsr(name, options.subject));
  session.Note(EscapeLines(absl::StrCat("signed by ", csr.key_version())));
  return WritePart(session, options.output, csr, csr.pem());
}

absl::Status SetChain(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const std::string name, KeyNameFrom(options.name));
  ASSIGN_OR_RETURN(const std::string pem,
                   ReadInput(session, options.chain_file, 64 << 10));
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  ASSIGN_OR_RETURN(const v1::KeyVersion key,
                   KeyClient(*connection).SetChain(name, pem));
  if (session.json()) {
    session.PrintJson(ProtoJson(key));
  } else {
    session.Print(RenderKey(key, session.now()));
  }
  return absl::OkStatus();
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

void AddKeyCertificates(CLI::App& keys, Session& session) {
  const Added csr =
      Add(keys, session, "csr",
          "A certificate request signed by the HSM key, PEM; it asks for what "
          "a code signer's certificate has",
          "countersign key csr router/detached -O router.csr\n"
          "countersign key csr router/detached --subject "
          "\"CN=Router,OU=Build,O=Example,C=DE\"",
          Csr);
  AddOutput(csr);
  csr.leaf
      .add_option("--subject", csr.options->subject,
                  "instead of the CN of the product's file, RFC 4514: CN, O, "
                  "OU, C, ST, L, DC, UID, serialNumber, emailAddress, the most "
                  "specific first")
      ->type_name("NAME");
  const Added set =
      Add(keys, session, "set-chain",
          "Upload the certificate chain: leaf first, intermediates, no root",
          "countersign key set-chain router/detached chain.pem", SetChain);
  set.leaf.add_option("chain", set.options->chain_file, "certificates, PEM")
      ->required()
      ->type_name("FILE");
  const Added chain =
      Add(keys, session, "chain", "The certificate chain, leaf first",
          "countersign key chain router/detached\n"
          "countersign key chain router/detached --format p7b -O router.p7b\n"
          "countersign key chain router/detached --with-root",
          Chain);
  AddOutput(chain);
  chain.leaf
      .add_option("--format", chain.options->format,
                  "pem (default), p7b (PKCS#7, as openssl pkcs7 -print_certs "
                  "takes it), der (the leaf alone)")
      ->check(CLI::IsMember({kFormatPem, kFormatP7b, kFormatDer}))
      ->type_name("FORMAT");
  chain.leaf.add_flag("--with-root", chain.options->with_root,
                      "and the root of the site's own authority at its end");
}

}  // namespace countersign::client
