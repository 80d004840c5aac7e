// countersign verify attestation
#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/cli/attestation_subject.h"
#include "client/cli/command_tree.h"
#include "client/cli/commands/sigstore_commands.h"
#include "client/cli/registry_options.h"
#include "client/cli/render_verdicts.h"
#include "client/cli/sigstore_trust.h"
#include "client/sigstore/bundle.h"
#include "client/sigstore/image_verdict.h"
#include "client/sigstore/statement.h"
#include "client/sigstore/stored_signatures.h"

namespace countersign::client {
namespace {

struct Options {
  RegistryOptions registry;
  TrustOptions trust;
  std::string subject;
  std::string type;
  std::string bundle;
  std::string output;
};

// The bundles beside the image, or the one in the file.
absl::StatusOr<std::vector<StoredBundle>> Bundles(
    Session& session, const Options& options,
    const AttestationSubject& subject) {
  if (!options.bundle.empty()) {
    ASSIGN_OR_RETURN(const std::string octets,
                     ReadInput(session, options.bundle, kMaxBundleBytes));
    return std::vector<StoredBundle>{{options.bundle, octets}};
  }
  if (subject.repository != nullptr) {
    return ReadBundles(*subject.repository, subject.digest);
  }
  return base::MakeError(absl::StatusCode::kInvalidArgument,
                         "the attestation of a file is in a file: give "
                         "--bundle FILE.sigstore.json",
                         Because("BUNDLE_MISSING"));
}

absl::Status Run(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const SigstoreTrust trust,
                   ReadSigstoreTrust(session, options.trust));
  std::string type;
  if (!options.type.empty()) {
    ASSIGN_OR_RETURN(type, PredicateTypeFrom(options.type));
  }
  ASSIGN_OR_RETURN(const AttestationSubject subject,
                   FindSubject(session, options.registry, options.subject,
                               /*allow_tag=*/true));
  ASSIGN_OR_RETURN(const std::vector<StoredBundle> stored,
                   Bundles(session, options, subject));
  std::vector<NamedVerdict> verdicts;
  std::string statement;  // of the first good one
  for (const StoredBundle& one : stored) {
    const auto bundle =
        one.octets.ok() ? ParseBundle(*one.octets) : one.octets.status();
    NamedVerdict named{absl::StrCat("bundle ", one.digest), {}};
    named.verdict.status = bundle.status();
    if (bundle.ok()) {
      named.verdict = JudgeAttestation(*bundle, subject.digest, type, trust);
    }
    if (named.verdict.status.ok() && statement.empty()) {
      statement = std::get<DsseEnvelope>(bundle->content).payload;
    }
    verdicts.push_back(std::move(named));
  }
  RETURN_IF_ERROR(ReportVerdicts(session, subject.shown, verdicts));
  if (options.output.empty()) return absl::OkStatus();
  return session.WriteResult(options.output, statement);
}

}  // namespace

void AddVerifyAttestation(CLI::App& verify, Session& session) {
  const auto options = std::make_shared<Options>();
  CLI::App& leaf = AddCommand(
      verify, session, Needs::kNothing, "attestation",
      "Verify what was attested of an image or a file; one good one suffices",
      "countersign verify attestation registry.example/team/app@sha256:... "
      "--type slsaprovenance1 --public-key attest.pub.pem\n"
      "countersign verify attestation firmware.bin "
      "--bundle firmware.bin.sigstore.json --root root.pem -O statement.json");
  leaf.add_option("subject", options->subject,
                  "a file that is there, or an image")
      ->required()
      ->type_name("IMAGE|FILE");
  leaf.add_option("--type", options->type,
                  "only of this predicate type: a URI or a short name")
      ->type_name("URI|NAME");
  leaf.add_option("--bundle", options->bundle,
                  "the bundle; of an image, otherwise those beside it")
      ->type_name("FILE");
  leaf.add_option("-O,--output", options->output,
                  "write the statement of the first good one there")
      ->type_name("FILE");
  AddTrustOptions(leaf, options->trust);
  AddRegistryOptions(leaf, options->registry);
  SetAction(leaf, session,
            [&session, options] { return Run(session, *options); });
}

}  // namespace countersign::client
