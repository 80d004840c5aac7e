// countersign verify component-version: content, references and signatures,
// without the service.
#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/artifact/certificate_chain.h"
#include "client/artifact/public_key.h"
#include "client/cli/command_tree.h"
#include "client/cli/commands/commands.h"
#include "client/cli/component_input.h"
#include "client/cli/render_integrity.h"
#include "client/cli/text_table.h"
#include "client/ocm/verify_tree.h"

namespace countersign::client {
namespace {

struct Options {
  ComponentOptions component;
  std::vector<std::string> signatures;
  std::vector<std::string> public_keys;
  std::vector<std::string> roots;
  bool recursive = false;
};

// Each file is looked at here, so that an error names it.
absl::StatusOr<TrustAnchors> ReadAnchors(Session& session,
                                         const Options& options) {
  TrustAnchors trust;
  trust.now = session.now();
  if (options.public_keys.empty() && options.roots.empty()) {
    return base::MakeError(
        absl::StatusCode::kInvalidArgument,
        "nothing to verify with: give --public-key or --root",
        Because("TRUST_MISSING"));
  }
  for (const std::string& path : options.public_keys) {
    ASSIGN_OR_RETURN(std::string pem, ReadInput(session, path, 1 << 20));
    const absl::Status status = ReadPublicKey(pem).status();
    if (!status.ok()) return base::Annotate(status, path);
    trust.public_keys.push_back(std::move(pem));
  }
  for (const std::string& path : options.roots) {
    ASSIGN_OR_RETURN(std::string pem, ReadInput(session, path, 1 << 20));
    const absl::Status status = ReadCertificates(pem).status();
    if (!status.ok()) return base::Annotate(status, path);
    trust.roots.push_back(std::move(pem));
  }
  return trust;
}

absl::Status Run(Session& session, const Options& options) {
  VerifyTreeOptions verify;
  ASSIGN_OR_RETURN(verify.trust, ReadAnchors(session, options));
  verify.names = options.signatures;
  verify.recursive = options.recursive;
  ASSIGN_OR_RETURN(const std::unique_ptr<ComponentInput> input,
                   ComponentInput::Open(session, options.component));
  ASSIGN_OR_RETURN(TreeDigest digests, input->Digests(HashAlgorithm::kSha256));
  ASSIGN_OR_RETURN(const TreeReport report, VerifyTree(digests, verify));
  if (session.json()) {
    session.PrintJson(IntegrityJson(input->tree(), report));
  } else {
    session.Print(RenderIntegrity(input->tree(), report));
  }
  RETURN_IF_ERROR(report.status);
  session.Note(EscapeLines(
      absl::StrCat("verified: ", input->Title(),
                   " (component versions: ", input->tree().versions.size(),
                   ", resources: ", input->ResourceCount(), ")")));
  return absl::OkStatus();
}

}  // namespace

void AddVerifyComponentVersion(CLI::App& verify, Session& session) {
  const auto options = std::make_shared<Options>();
  CLI::App& leaf = AddCommand(
      verify, session, Needs::kNothing, "component-version",
      "Verify the signatures of an OCM component version, its content and "
      "everything that it refers to",
      "countersign verify component-version ./ctf//acme.org/shop:1.0.0 "
      "--signature release --public-key release.pub.pem\n"
      "countersign verify component-version "
      "registry.example.org/ocm//acme.org/shop:1.0.0 --root root.pem\n"
      "countersign verify component-version ./shop.tgz --root root.pem "
      "--lookup ./parts -o json");
  AddComponentOptions(leaf, options->component);
  leaf.add_option("--signature", options->signatures,
                  "only the one of this name, may be repeated; otherwise all, "
                  "and there must be one")
      ->allow_extra_args(false)
      ->type_name("NAME");
  leaf.add_option("--public-key", options->public_keys,
                  "public key or certificate, PEM; with several, each "
                  "signature must be good by one of them or a root")
      ->allow_extra_args(false)
      ->type_name("FILE");
  leaf.add_option("--root", options->roots,
                  "trusted root certificates, PEM, for signatures with "
                  "certificates; may be repeated")
      ->allow_extra_args(false)
      ->type_name("FILE");
  leaf.add_flag("--recursive", options->recursive,
                "verify the signatures of every version referred to as well");
  SetAction(leaf, session,
            [&session, options] { return Run(session, *options); });
}

}  // namespace countersign::client
