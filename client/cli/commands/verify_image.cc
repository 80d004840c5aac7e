// countersign verify image
#include <CLI/CLI.hpp>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/cli/command_tree.h"
#include "client/cli/commands/sigstore_commands.h"
#include "client/cli/key_value.h"
#include "client/cli/registry_options.h"
#include "client/cli/render_verdicts.h"
#include "client/cli/sigstore_trust.h"
#include "client/cli/text_table.h"
#include "client/sigstore/image_target.h"
#include "client/sigstore/image_verdict.h"
#include "client/sigstore/stored_signatures.h"

namespace countersign::client {
namespace {

struct Options {
  RegistryOptions registry;
  TrustOptions trust;
  std::string reference;
  std::vector<std::string> annotations;
};

SignatureVerdict Unread(const absl::Status& status) {
  SignatureVerdict verdict;
  verdict.status = status;
  return verdict;
}

absl::Status JudgeLayers(OciRepository& repository, const ImageClaim& claim,
                         const SigstoreTrust& trust,
                         std::vector<NamedVerdict>& out) {
  ASSIGN_OR_RETURN(const std::vector<StoredSignature> stored,
                   ReadSimpleSignatures(repository, claim.digest));
  for (const StoredSignature& one : stored) {
    out.push_back({absl::StrCat("signature ", one.layer.payload_digest),
                   one.payload.ok() ? JudgeSimpleSignature(
                                          one.layer, *one.payload, claim, trust)
                                    : Unread(one.payload.status())});
  }
  return absl::OkStatus();
}

absl::Status JudgeBundles(OciRepository& repository, const ImageClaim& claim,
                          const SigstoreTrust& trust,
                          std::vector<NamedVerdict>& out) {
  ASSIGN_OR_RETURN(const std::vector<StoredBundle> stored,
                   ReadBundles(repository, claim.digest));
  for (const StoredBundle& one : stored) {
    const auto bundle =
        one.octets.ok() ? ParseBundle(*one.octets) : one.octets.status();
    out.push_back({absl::StrCat("bundle ", one.digest),
                   bundle.ok() ? JudgeImageBundle(*bundle, claim, trust)
                               : Unread(bundle.status())});
  }
  return absl::OkStatus();
}

absl::Status Run(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const SigstoreTrust trust,
                   ReadSigstoreTrust(session, options.trust));
  ASSIGN_OR_RETURN(ImageReference reference,
                   ParseImageReference(options.reference));
  ImageClaim claim;
  ASSIGN_OR_RETURN(claim.annotations, ReadKeyValues("-a", options.annotations));
  const auto registries = MakeRegistries(session, options.registry);
  ASSIGN_OR_RETURN(const std::unique_ptr<OciRepository> repository,
                   registries->Open(reference));
  ASSIGN_OR_RETURN(const ImageTarget target,
                   ResolveImage(*repository, reference));
  claim.digest = target.descriptor.digest;
  reference.digest = claim.digest;
  std::vector<NamedVerdict> verdicts;
  RETURN_IF_ERROR(JudgeLayers(*repository, claim, trust, verdicts));
  RETURN_IF_ERROR(JudgeBundles(*repository, claim, trust, verdicts));
  return ReportVerdicts(session, reference.Format(), verdicts);
}

}  // namespace

void AddVerifyImage(CLI::App& verify, Session& session) {
  const auto options = std::make_shared<Options>();
  CLI::App& leaf = AddCommand(
      verify, session, Needs::kNothing, "image",
      "Verify the signatures of a container image; one good one suffices",
      "countersign verify image registry.example/team/app@sha256:... "
      "--public-key release.pub.pem\n"
      "countersign verify image registry.example/team/app:1.4 --root root.pem "
      "--identity https://ci.example/release -a commit=1a2b3c4");
  leaf.add_option("image", options->reference,
                  "by digest, or by a tag: then what it names now is verified, "
                  "and its digest shown")
      ->required()
      ->type_name("IMAGE");
  leaf.add_option("-a,--annotation", options->annotations,
                  "a fact that must be signed with the image")
      ->allow_extra_args(false)
      ->type_name("KEY=VALUE");
  AddTrustOptions(leaf, options->trust);
  AddRegistryOptions(leaf, options->registry);
  SetAction(leaf, session,
            [&session, options] { return Run(session, *options); });
}

}  // namespace countersign::client
