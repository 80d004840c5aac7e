// countersign sign component-version
#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/artifact/descriptor_signature.h"
#include "client/artifact/detached_signature.h"
#include "client/cli/algorithm_text.h"
#include "client/cli/await_signature.h"
#include "client/cli/command_tree.h"
#include "client/cli/commands/commands.h"
#include "client/cli/component_input.h"
#include "client/cli/descriptor_check.h"
#include "client/cli/sign_options.h"
#include "client/cli/signing_key.h"
#include "client/cli/text_table.h"
#include "client/ocm/sign_plan.h"

namespace countersign::client {
namespace {

// A signed request is the answer to the same question for so long: who comes
// back to write the signatures may come after a weekend.
constexpr absl::Duration kReuseSigned = absl::Hours(7 * 24);
constexpr size_t kMaxLabel = 256;  // LabelledDigest.label, octets

struct Options {
  ComponentOptions component;
  SignOptions sign;
  std::string signature = "default";
  std::string normalisation = "jsonNormalisation/v3";
  std::string hash = "sha256";
  std::string encoding = "hex";
  bool recursive = false;
  bool any_certificate_name = false;
  bool force = false;
  bool dry_run = false;
};

void Warn(Session& session, const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings) {
    session.Note(absl::StrCat("warning: ", EscapeLines(warning)));
  }
}

absl::Status Wrong(const std::string& text, const char* reason) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, text,
                         Because(reason));
}

absl::StatusOr<SignPlanOptions> ReadPlanOptions(
    const Options& options, const v1::SigningRequest& request) {
  SignPlanOptions plan;
  plan.signature = options.signature;
  ASSIGN_OR_RETURN(plan.normalisation,
                   ParseNormalisationAlgorithm(options.normalisation));
  ASSIGN_OR_RETURN(const v1::HashAlgorithm hash, ReadHash(options.hash));
  plan.hash = FromWire(hash);
  if (plan.hash == HashAlgorithm::kSha384) {
    return Wrong(
        "the OCM tools know SHA-256 and SHA-512 for component versions, not "
        "SHA-384",
        "HASH_NOT_POSSIBLE");
  }
  if (options.encoding != "hex" && options.encoding != "pem") {
    return Wrong(
        absl::StrCat("--encoding ", base::EscapeForDisplay(options.encoding),
                     " is unknown; right is hex or pem"),
        "FORMAT_UNKNOWN");
  }
  const v1::SignatureAlgorithm algorithm = request.signature_algorithm();
  if (algorithm == v1::ED25519 || algorithm == v1::ECDSA) {
    return Wrong(absl::StrCat("component versions are signed with "
                              "RSASSA-PKCS1-V1_5 or RSASSA-PSS, not with ",
                              Format(algorithm)),
                 "ALGORITHM_NOT_POSSIBLE");
  }
  plan.scheme = SchemeOf(algorithm);
  plan.pem = options.encoding == "pem";
  plan.recursive = options.recursive;
  plan.force = options.force;
  return plan;
}

// Before people are asked: with PEM the classic OCM CLI wants the certificate
// to have the signature's name.
absl::Status CheckCertificate(Session& session, const Options& options,
                              const std::string& operation) {
  if (options.encoding != "pem") return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<std::string> certificates,
                   SigningCertificates(session, operation));
  if (certificates.empty()) return absl::OkStatus();
  const absl::Status status = CheckLeafName(options.signature, certificates[0]);
  if (status.ok()) return status;
  if (options.any_certificate_name) {
    Warn(session, {std::string(status.message())});
    return absl::OkStatus();
  }
  return base::MakeError(
      status.code(),
      absl::StrCat(status.message(),
                   ". Take that name with --signature, or sign all the same "
                   "with --any-certificate-name; nobody was asked"),
      Because(base::GetReason(status)));
}

// What approvers see: one digest for each version, and what it is about.
void FillRequest(const ComponentInput& input, const SignPlan& plan,
                 const SignPlanOptions& options, v1::SigningRequest& request) {
  const ComponentId& first = input.tree().versions[input.tree().roots[0]].id;
  if (request.description().empty()) {
    request.set_description(absl::StrCat("component ", input.Title()));
  }
  auto& context = *request.mutable_context();
  context.insert({"component.name", first.name});
  context.insert({"component.version", first.version});
  context.insert({"component.signature", options.signature});
  context.insert(
      {"component.versions", absl::StrCat(input.tree().versions.size())});
  context.insert({"component.resources", absl::StrCat(input.ResourceCount())});
  request.set_hash_algorithm(ToWire(options.hash));
  request.set_encoding(options.pem ? v1::PEM : v1::RAW);
  for (const PlannedVersion& version : plan.versions) {
    v1::LabelledDigest* digest = request.add_digests();
    digest->set_value(version.digest.octets);
    const std::string label = absl::StrCat("component ", version.id.Format());
    digest->set_label(
        label.substr(0, base::ValidUtf8Prefix(label.substr(0, kMaxLabel))));
  }
}

absl::Status ShowPlan(Session& session, const Options& options,
                      const SignPlan& plan, const std::string& operation) {
  if (!session.json()) {
    TextBlock block;
    block.Add("Signature", options.signature);
    block.Add("Normalisation",
              plan.versions[0].digest.spec.normalisation_algorithm);
    block.Add("Operation", operation);
    TextTable table({"COMPONENT", "VERSION", "HASH", "DIGEST"});
    for (const PlannedVersion& version : plan.versions) {
      table.AddRow({version.id.name, version.id.version,
                    version.digest.spec.hash_algorithm,
                    version.digest.spec.value});
    }
    session.Print(absl::StrCat(block.Format(), table.Format()));
    return absl::OkStatus();
  }
  base::Json::Array list;
  for (const PlannedVersion& version : plan.versions) {
    const DigestSpec& spec = version.digest.spec;
    list.push_back(base::Json::Object{
        {"component", version.id.name},
        {"version", version.id.version},
        {"signature", options.signature},
        {"normalisationAlgorithm", spec.normalisation_algorithm},
        {"hashAlgorithm", spec.hash_algorithm},
        {"value", spec.value}});
  }
  session.PrintJson(base::Json(std::move(list)));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<DescriptorSignature>> MakeEntries(
    Session& session, const SignPlanOptions& options, const SignPlan& plan,
    const v1::SigningRequest& request) {
  if (request.signatures_size() != static_cast<int>(plan.versions.size())) {
    return absl::InternalError("the server sent another number of signatures");
  }
  std::vector<DescriptorSignature> entries;
  for (size_t i = 0; i < plan.versions.size(); ++i) {
    const DigestSpec& digest = plan.versions[i].digest.spec;
    const std::string& value = request.signatures(i).value();
    if (!options.pem) {
      ASSIGN_OR_RETURN(
          DescriptorSignature entry,
          MakePlainSignature(options.signature, digest,
                             SchemeOf(request.signature_algorithm()), value));
      entries.push_back(std::move(entry));
      continue;
    }
    ASSIGN_OR_RETURN(const DetachedSignature detached,
                     ParseDetachedSignature(value));
    if (i == 0) Warn(session, PemWarnings(options.signature, detached));
    ASSIGN_OR_RETURN(DescriptorSignature entry,
                     MakePemSignature(options.signature, digest, detached));
    entries.push_back(std::move(entry));
  }
  return entries;
}

// People agreed already: what they agreed to is not lost with a failed write.
absl::Status HowToGoOn(const absl::Status& status,
                       const v1::SigningRequest& request) {
  return base::MakeError(
      status.code(),
      absl::StrCat(status.message(), "; the signatures stand in ",
                   request.name(),
                   ". The same command writes them, without asking anybody "
                   "again, where the digests are still the same"),
      base::GetErrorDetails(status).value_or(base::ErrorDetails()));
}

absl::Status WriteBack(const ComponentTree& tree, const SignPlan& plan,
                       const std::vector<DescriptorSignature>& entries,
                       bool force, const v1::SigningRequest& request) {
  ASSIGN_OR_RETURN(const std::vector<RepositoryUpdates> groups,
                   UpdatesFor(tree, plan, entries, force));
  for (const RepositoryUpdates& group : groups) {
    const absl::Status status =
        group.repository->WriteDescriptors(group.updates);
    if (!status.ok()) return HowToGoOn(status, request);
  }
  return absl::OkStatus();
}

void Report(Session& session, const Options& options, const ComponentTree& tree,
            const SignPlan& plan, const v1::SigningRequest& request) {
  base::Json::Array list;
  for (const PlannedVersion& version : plan.versions) {
    const std::string repository =
        tree.versions[version.version].repository->Name();
    session.Note(EscapeLines(absl::StrCat(
        "signed component ", version.id.Format(), " as \"", options.signature,
        "\" with ", request.key_version(), " in ", repository)));
    const DigestSpec& spec = version.digest.spec;
    list.push_back(base::Json::Object{
        {"component", version.id.name},
        {"version", version.id.version},
        {"repository", repository},
        {"normalisationAlgorithm", spec.normalisation_algorithm},
        {"hashAlgorithm", spec.hash_algorithm},
        {"value", spec.value}});
  }
  if (!session.json()) return;
  session.PrintJson(base::Json::Object{{"request", request.name()},
                                       {"signature", options.signature},
                                       {"keyVersion", request.key_version()},
                                       {"signed", std::move(list)}});
}

absl::Status Run(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(Ask ask, MakeAsk(options.sign));
  v1::SigningRequest& request = *ask.request.mutable_signing_request();
  ASSIGN_OR_RETURN(const SignPlanOptions plan_options,
                   ReadPlanOptions(options, request));
  ASSIGN_OR_RETURN(const std::unique_ptr<ComponentInput> input,
                   ComponentInput::Open(session, options.component));
  const ComponentTree& tree = input->tree();
  RETURN_IF_ERROR(CheckSignatureNames(tree, options.signature,
                                      options.recursive, options.force));
  if (!options.dry_run) {
    RETURN_IF_ERROR(CheckCertificate(session, options, ask.request.parent()));
  }
  ASSIGN_OR_RETURN(TreeDigest digests, input->Digests(plan_options.hash));
  ASSIGN_OR_RETURN(const SignPlan plan, PlanSigning(digests, plan_options));
  Warn(session, plan.warnings);
  if (options.dry_run) {
    return ShowPlan(session, options, plan, ask.request.parent());
  }
  FillRequest(*input, plan, plan_options, request);
  const auto answer =
      AskOrFind(session, ask, {"ocm", options.signature}, kReuseSigned);
  if (!answer.ok()) {
    return ExplainRefusal(session, ask.request.parent(), answer.status());
  }
  if (!ask.wait) {
    PrintName(session, *answer);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const std::vector<DescriptorSignature> entries,
                   MakeEntries(session, plan_options, plan, *answer));
  RETURN_IF_ERROR(CheckEntries(session, *answer, entries));
  RETURN_IF_ERROR(WriteBack(tree, plan, entries, options.force, *answer));
  Report(session, options, tree, plan, *answer);
  return absl::OkStatus();
}

void AddOptions(CLI::App& leaf, Options& options) {
  AddComponentOptions(leaf, options.component);
  leaf.add_option("--signature", options.signature,
                  "name of the signature (default: default)")
      ->type_name("NAME");
  leaf.add_flag("--recursive", options.recursive,
                "sign every version that is referred to as well, in the same "
                "request");
  leaf.add_option("--normalisation", options.normalisation,
                  "jsonNormalisation/v1, /v2, /v3 (default) or /v4alpha1")
      ->type_name("NAME");
  leaf.add_option("--hash", options.hash, "sha256 (default) or sha512")
      ->type_name("NAME");
  leaf.add_option("--encoding", options.encoding,
                  "hex (default), or pem with certificates")
      ->type_name("hex|pem");
  leaf.add_flag("--any-certificate-name", options.any_certificate_name,
                "with pem: sign although the certificate has another name than "
                "the signature");
  leaf.add_flag("--force", options.force,
                "replace a signature that has this name");
  leaf.add_flag("--dry-run", options.dry_run,
                "show what would be signed and ask nobody");
  AddSignOptions(leaf, options.sign);
}

}  // namespace

void AddSignComponentVersion(CLI::App& sign, Session& session) {
  const auto options = std::make_shared<Options>();
  CLI::App& leaf = AddCommand(
      sign, session, Needs::kServerOwnContext, "component-version",
      "Sign an OCM component version where it is kept: CTF or registry. The "
      "same command typed again finds its request",
      "countersign sign component-version ./ctf//acme.org/shop:1.0.0 "
      "-p router/ocm --signature release\n"
      "countersign sign component-version "
      "registry.example.org/ocm//acme.org/shop:1.0.0 -p router/ocm "
      "--recursive\n"
      "countersign sign component-version ./shop.tgz -p router/ocm-pem "
      "--signature release --encoding pem --algorithm pss\n"
      "countersign sign component-version ./ctf --lookup ./parts -p router/ocm "
      "--dry-run");
  AddOptions(leaf, *options);
  SetAction(leaf, session,
            [&session, options] { return Run(session, *options); });
}

}  // namespace countersign::client
