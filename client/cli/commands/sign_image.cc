// countersign sign image
#include <CLI/CLI.hpp>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/openssl.h"
#include "base/pem.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/cli/command_tree.h"
#include "client/cli/commands/sigstore_commands.h"
#include "client/cli/image_plan.h"
#include "client/cli/key_value.h"
#include "client/cli/registry_options.h"
#include "client/cli/sigstore_bundle.h"
#include "client/cli/sigstore_signer.h"
#include "client/cli/text_table.h"
#include "client/oci/oci_digest.h"
#include "client/sigstore/dsse.h"
#include "client/sigstore/push_signatures.h"
#include "client/sigstore/signature_manifest.h"
#include "client/sigstore/statement.h"

namespace countersign::client {
namespace {

struct Options {
  SignOptions sign;
  RegistryOptions registry;
  std::string reference;
  bool allow_tag = false;
  bool recursive = false;
  bool bundle = false;
  bool dry_run = false;
  std::vector<std::string> annotations;
  std::string identity;
  std::string payload_only;
  std::string output_signature;
};

bool TakesItElsewhere(const Options& options) {
  return !options.payload_only.empty() || !options.output_signature.empty();
}

// Whether anybody is asked for a signature.
bool Asks(const Options& options) {
  return !options.dry_run &&
         (options.payload_only.empty() || !options.output_signature.empty());
}

absl::Status CheckOptions(const Options& options) {
  const auto wrong = [](const char* reason, const char* text) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, text,
                           Because(reason));
  };
  if (TakesItElsewhere(options) && (options.recursive || options.bundle)) {
    return wrong("OUTPUT_NOT_POSSIBLE",
                 "--payload-only and --output-signature are for one simple "
                 "signature: not with --recursive or --bundle");
  }
  if (TakesItElsewhere(options) && options.sign.no_wait) {
    return wrong("OUTPUT_NOT_POSSIBLE",
                 "--output-signature has nothing to write with --no-wait");
  }
  if (Asks(options) && options.sign.operation.empty()) {
    return wrong("OPERATION_MISSING",
                 "give the operation: -p PRODUCT/OPERATION");
  }
  return absl::OkStatus();
}

absl::StatusOr<ImagePlanOptions> PlanOptions(const Options& options) {
  ImagePlanOptions plan;
  ASSIGN_OR_RETURN(plan.reference, ParseImageReference(options.reference));
  ASSIGN_OR_RETURN(plan.annotations, ReadKeyValues("-a", options.annotations));
  plan.allow_tag = options.allow_tag;
  plan.recursive = options.recursive;
  plan.bundle = options.bundle;
  plan.payload_only = TakesItElsewhere(options);
  plan.identity = options.identity;
  return plan;
}

absl::Status ShowPlan(Session& session, const ImagePlan& plan) {
  base::Json::Array images;
  TextBlock block;
  block.Add("Image", plan.reference.Format());
  for (const PlannedImage& image : plan.images) {
    images.push_back(
        base::Json::Object{{"digest", image.target.descriptor.digest},
                           {"platform", image.target.platform},
                           {"payload", image.payload},
                           {"statement", image.statement}});
    block.Add("Digest", absl::StrCat(image.target.descriptor.digest, "  ",
                                     image.target.platform));
    block.Add("Payload", image.payload);
    block.AddIf("Statement", image.statement);
  }
  if (session.json()) {
    session.PrintJson(base::Json::Object{{"image", plan.reference.Format()},
                                         {"images", std::move(images)}});
  } else {
    session.Print(block.Format());
  }
  return absl::OkStatus();
}

// In the order of the images: the payload, and the statement where there is
// one.
std::vector<OctetsToSign> AllOctets(const ImagePlan& plan) {
  std::vector<OctetsToSign> octets;
  for (const PlannedImage& image : plan.images) {
    octets.push_back({base::Sha256(image.payload), image.label});
    if (image.statement.empty()) continue;
    octets.push_back({base::Sha256(PreAuthenticationEncoding(kInTotoPayloadType,
                                                             image.statement)),
                      absl::StrCat(image.label, " (bundle)")});
  }
  return octets;
}

void Describe(const Options& options, const ImagePlan& plan,
              SigstoreSigner& signer) {
  const size_t images = plan.images.size();
  signer.Describe(absl::StrCat(
      "container image ", plan.reference.Format(),
      images > 1 ? absl::StrCat(", with ", images - 1, " images that it lists")
                 : ""));
  signer.AddContext("image.reference", options.reference);
  signer.AddContext("image.digest", plan.reference.digest);
  if (!options.identity.empty()) {
    signer.AddContext("image.identity", options.identity);
  }
  for (const auto& [key, value] : plan.annotations) {
    signer.AddContext(absl::StrCat("annotation.", key), value);
  }
}

SignatureLayer LayerFor(const PlannedImage& image, const std::string& signature,
                        const std::vector<std::string>& certificates) {
  SignatureLayer layer{OciDigestOf(image.payload), image.payload.size(),
                       base::Base64Encode(signature), "", ""};
  for (size_t i = 0; i < certificates.size(); ++i) {
    const std::string pem =
        base::FormatPem({"CERTIFICATE", {}, certificates[i]});
    absl::StrAppend(i == 0 ? &layer.certificate_pem : &layer.chain_pem, pem);
  }
  return layer;
}

// Pushes what `signatures` (as AllOctets ordered them) are of.
absl::StatusOr<base::Json> PushAll(Session& session, OciRepository& repository,
                                   const SigstoreSigner& signer,
                                   const ImagePlan& plan,
                                   const SigstoreSignatures& signatures) {
  const RetryPause pause{session.console().random, base::SleepFor};
  base::Json::Array pushed;
  size_t next = 0;
  for (const PlannedImage& image : plan.images) {
    const std::string& digest = image.target.descriptor.digest;
    ASSIGN_OR_RETURN(
        const Pushed done,
        PushSimpleSignature(
            repository, digest,
            LayerFor(image, signatures.values[next++], signer.certificates()),
            image.payload, pause));
    base::Json::Object one{{"digest", digest}, {"tag", SignatureTag(digest)}};
    std::string note = absl::StrCat(
        image.label, done == Pushed::kAdded ? ": signed" : ": was signed",
        ", tag ", SignatureTag(digest));
    if (!image.statement.empty()) {
      const std::string bundle = FormatStatementBundle(
          signer, image.statement, signatures.values[next++]);
      ASSIGN_OR_RETURN(const std::string referrer,
                       PushBundle(repository,
                                  {image.target.descriptor, bundle,
                                   kCosignSignPredicate, signatures.signed_at},
                                  pause));
      one.emplace_back("bundle", referrer);
      absl::StrAppend(&note, ", bundle ", referrer);
    }
    session.Note(EscapeLines(note));
    pushed.push_back(std::move(one));
  }
  return base::Json(std::move(pushed));
}

// For `cosign attach signature`, which takes the octets of both files as they
// are: no newline is added.
absl::Status WriteElsewhere(Session& session, const Options& options,
                            const ImagePlan& plan,
                            const std::string& signature) {
  if (!options.payload_only.empty()) {
    RETURN_IF_ERROR(
        session.WriteResult(options.payload_only, plan.images[0].payload));
  }
  if (signature.empty()) return absl::OkStatus();
  return session.WriteResult(options.output_signature,
                             base::Base64Encode(signature));
}

absl::Status SignAndPush(Session& session, const Options& options,
                         const ImagePlan& plan, OciRepository& repository) {
  ASSIGN_OR_RETURN(SigstoreSigner signer,
                   SigstoreSigner::Create(session, options.sign));
  WarnOfNames(session, signer);
  Describe(options, plan, signer);
  ASSIGN_OR_RETURN(const auto signatures,
                   signer.Sign(session, "image", AllOctets(plan)));
  if (!signatures.has_value()) return absl::OkStatus();
  if (TakesItElsewhere(options)) {
    return WriteElsewhere(session, options, plan, signatures->values[0]);
  }
  ASSIGN_OR_RETURN(base::Json pushed,
                   PushAll(session, repository, signer, plan, *signatures));
  if (session.json()) {
    session.PrintJson(
        base::Json::Object{{"image", plan.reference.Format()},
                           {"keyVersion", signer.key().key_version},
                           {"signatures", std::move(pushed)}});
  } else {
    session.Print(absl::StrCat(EscapeLines(plan.reference.Format()), "\n"));
  }
  return absl::OkStatus();
}

absl::Status Run(Session& session, const Options& options) {
  RETURN_IF_ERROR(CheckOptions(options));
  ASSIGN_OR_RETURN(const ImagePlanOptions plan_options, PlanOptions(options));
  const auto registries = MakeRegistries(session, options.registry);
  ASSIGN_OR_RETURN(const std::unique_ptr<OciRepository> repository,
                   registries->Open(plan_options.reference));
  ASSIGN_OR_RETURN(const ImagePlan plan,
                   PlanImages(session, *repository, plan_options));
  if (options.dry_run) return ShowPlan(session, plan);
  if (!Asks(options)) return WriteElsewhere(session, options, plan, "");
  return SignAndPush(session, options, plan, *repository);
}

void AddOptions(CLI::App& leaf, Options& options) {
  leaf.add_flag("--allow-tag", options.allow_tag,
                "sign what a tag names now; without it a digest is needed");
  leaf.add_flag("--bundle", options.bundle,
                "write a sigstore bundle too, which cosign 3 reads first");
  leaf.add_flag("--recursive", options.recursive,
                "of an index: all images that it lists too, in one request");
  leaf.add_option("-a,--annotation", options.annotations,
                  "a fact that is signed with the image")
      ->allow_extra_args(false)
      ->type_name("KEY=VALUE");
  leaf.add_option("--container-identity", options.identity,
                  "what the signature calls the image; otherwise its "
                  "repository without tag, as cosign does")
      ->type_name("NAME");
  leaf.add_option("--payload-only", options.payload_only,
                  "write the payload there (cosign generate) and push nothing")
      ->type_name("FILE");
  leaf.add_option("--output-signature", options.output_signature,
                  "write the signature there in base64 without newline (for "
                  "cosign attach signature) and push nothing")
      ->type_name("FILE");
  leaf.add_flag("--dry-run", options.dry_run,
                "show what would be signed and ask nobody");
}

}  // namespace

void AddSignImage(CLI::App& sign, Session& session) {
  const auto options = std::make_shared<Options>();
  CLI::App& leaf = AddCommand(
      sign, session, Needs::kServerOwnContext, "image",
      "Sign a container image as cosign does and store the signature beside it",
      "countersign sign image registry.example/team/app@sha256:... "
      "-p shop/images\n"
      "countersign sign image registry.example/team/app:1.4 --allow-tag "
      "-p shop/images --bundle -a commit=1a2b3c4\n"
      "countersign sign image registry.example/team/app@sha256:... "
      "-p shop/images --payload-only payload.json "
      "--output-signature signature.b64");
  leaf.add_option("image", options->reference,
                  "REGISTRY/REPOSITORY@sha256:DIGEST")
      ->required()
      ->type_name("IMAGE");
  AddOptions(leaf, *options);
  AddSignOptions(leaf, options->sign);
  // Without it a payload can be had, and a plan.
  leaf.get_option("--operation")->required(false);
  AddRegistryOptions(leaf, options->registry);
  SetAction(leaf, session,
            [&session, options] { return Run(session, *options); });
}

}  // namespace countersign::client
