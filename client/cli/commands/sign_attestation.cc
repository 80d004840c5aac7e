// countersign sign attestation
#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/openssl.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/cli/attestation_subject.h"
#include "client/cli/command_tree.h"
#include "client/cli/commands/sigstore_commands.h"
#include "client/cli/registry_options.h"
#include "client/cli/sigstore_bundle.h"
#include "client/cli/sigstore_signer.h"
#include "client/cli/text_table.h"
#include "client/oci/oci_digest.h"
#include "client/sigstore/dsse.h"
#include "client/sigstore/push_signatures.h"
#include "client/sigstore/statement.h"

namespace countersign::client {
namespace {

struct Options {
  SignOptions sign;
  RegistryOptions registry;
  std::string subject;
  std::string predicate;
  std::string type;
  std::string bundle;
  bool allow_tag = false;
  bool dry_run = false;
};

struct Attestation {
  std::string predicate_type;
  std::string predicate;  // JSON
  std::string statement;
};

absl::StatusOr<Attestation> MakeAttestation(Session& session,
                                            const Options& options,
                                            const AttestationSubject& subject) {
  Attestation made;
  ASSIGN_OR_RETURN(made.predicate_type, PredicateTypeFrom(options.type));
  if (made.predicate_type == kCosignSignPredicate) {
    return base::MakeError(
        absl::StatusCode::kInvalidArgument,
        "that is the signature of an image: countersign sign image --bundle",
        Because("PREDICATE_TYPE_UNKNOWN"));
  }
  ASSIGN_OR_RETURN(made.predicate,
                   ReadInput(session, options.predicate, kMaxStatementBytes));
  const std::string hex = subject.digest.substr(subject.digest.find(':') + 1);
  const auto statement = FormatStatement(
      {{{subject.name, {{"sha256", hex}}, {}}}, made.predicate_type},
      made.predicate);
  if (!statement.ok()) {
    return base::Annotate(statement.status(), options.predicate);
  }
  made.statement = *statement;
  return made;
}

// A predicate that is short is shown whole; of every one, what it is of and its
// digest, so that an approver can hold the file against it.
void Describe(const Attestation& made, const AttestationSubject& subject,
              SigstoreSigner& signer) {
  signer.Describe(
      absl::StrCat("attestation ", made.predicate_type, " of ", subject.shown));
  signer.AddContext("attestation.predicate-type", made.predicate_type);
  signer.AddContext("attestation.subject", subject.name);
  signer.AddContext("attestation.subject-digest", subject.digest);
  signer.AddContext("attestation.predicate-size",
                    absl::StrCat(made.predicate.size(), " octets"));
  signer.AddContext("attestation.predicate-digest",
                    OciDigestOf(made.predicate));
  signer.AddContext("attestation.predicate", made.predicate);
}

absl::Status Store(Session& session, const Options& options,
                   const Attestation& made, const AttestationSubject& subject,
                   const std::string& bundle, absl::Time signed_at) {
  if (!options.bundle.empty()) {
    return session.WriteResult(options.bundle, bundle);
  }
  const RetryPause pause{session.console().random, base::SleepFor};
  ASSIGN_OR_RETURN(
      const std::string digest,
      PushBundle(*subject.repository,
                 {subject.descriptor, bundle, made.predicate_type, signed_at},
                 pause));
  if (session.json()) {
    session.PrintJson(base::Json::Object{{"image", subject.shown},
                                         {"predicateType", made.predicate_type},
                                         {"bundle", digest}});
  } else {
    session.Print(absl::StrCat(digest, "\n"));
    session.Note(EscapeLines(absl::StrCat(
        subject.shown, ": attested ", made.predicate_type,
        ". cosign takes a good attestation for a signature of the image too: "
        "sign images with another key")));
  }
  return absl::OkStatus();
}

absl::Status Run(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const AttestationSubject subject,
                   FindSubject(session, options.registry, options.subject,
                               options.allow_tag));
  if (subject.repository == nullptr && options.bundle.empty() &&
      !options.dry_run) {
    return base::MakeError(
        absl::StatusCode::kInvalidArgument,
        "the attestation of a file goes into a file: give --bundle "
        "FILE.sigstore.json",
        Because("OUTPUT_NOT_POSSIBLE"));
  }
  ASSIGN_OR_RETURN(const Attestation made,
                   MakeAttestation(session, options, subject));
  if (options.dry_run) {
    session.Print(absl::StrCat(EscapeLines(made.statement), "\n"));
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(SigstoreSigner signer,
                   SigstoreSigner::Create(session, options.sign));
  WarnOfNames(session, signer);
  Describe(made, subject, signer);
  const std::string digest = base::Sha256(
      PreAuthenticationEncoding(kInTotoPayloadType, made.statement));
  ASSIGN_OR_RETURN(
      const auto signatures,
      signer.Sign(session, "attestation",
                  {{digest, absl::StrCat("attestation of ", subject.shown)}}));
  if (!signatures.has_value()) return absl::OkStatus();
  return Store(
      session, options, made, subject,
      FormatStatementBundle(signer, made.statement, signatures->values[0]),
      signatures->signed_at);
}

}  // namespace

void AddSignAttestation(CLI::App& sign, Session& session) {
  const auto options = std::make_shared<Options>();
  CLI::App& leaf = AddCommand(
      sign, session, Needs::kServerOwnContext, "attestation",
      "Sign an in-toto statement about an image or a file",
      "countersign sign attestation registry.example/team/app@sha256:... "
      "--predicate provenance.json --type slsaprovenance1 "
      "-p shop/attestations\n"
      "countersign sign attestation firmware.bin --predicate sbom.spdx.json "
      "--type spdxjson -p shop/attestations "
      "--bundle firmware.bin.sigstore.json");
  leaf.add_option("subject", options->subject,
                  "a file that is there, or an image by its digest")
      ->required()
      ->type_name("IMAGE|FILE");
  leaf.add_option("--predicate", options->predicate,
                  "what is said of it: a JSON object, to 32 MiB")
      ->required()
      ->type_name("FILE");
  leaf.add_option("--type", options->type,
                  "predicate type: a URI, or slsaprovenance1, slsaprovenance, "
                  "spdxjson, cyclonedx, link, vuln, openvex")
      ->required()
      ->type_name("URI|NAME");
  leaf.add_option("--bundle", options->bundle,
                  "write the bundle there; of an image it is otherwise stored "
                  "beside it")
      ->type_name("FILE");
  leaf.add_flag("--allow-tag", options->allow_tag,
                "attest what a tag names now; without it a digest is needed");
  leaf.add_flag("--dry-run", options->dry_run,
                "show the statement and ask nobody");
  AddSignOptions(leaf, options->sign);
  AddRegistryOptions(leaf, options->registry);
  SetAction(leaf, session,
            [&session, options] { return Run(session, *options); });
}

}  // namespace countersign::client
