// countersign sign component-descriptor
#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/artifact/component_descriptor.h"
#include "client/artifact/descriptor_signature.h"
#include "client/artifact/descriptor_writer.h"
#include "client/artifact/detached_signature.h"
#include "client/artifact/interop.h"
#include "client/artifact/normalisation.h"
#include "client/cli/algorithm_text.h"
#include "client/cli/command_tree.h"
#include "client/cli/commands/commands.h"
#include "client/cli/commands/sigstore_commands.h"
#include "client/cli/descriptor_check.h"
#include "client/cli/proto_json.h"
#include "client/cli/sign_options.h"
#include "client/cli/signing_key.h"
#include "client/cli/text_table.h"

namespace countersign::client {
namespace {

struct Options {
  SignOptions sign;
  std::string file;
  std::string signature;
  std::string normalisation = "jsonNormalisation/v3";
  std::string hash = "sha256";
  std::string encoding = "hex";
  std::string output;
  bool force = false;
  bool dry_run = false;
};

// What is signed, with everything that the entry will need.
struct Prepared {
  std::string text;
  DescriptorDigest digest;
  Ask ask;
  std::string component;  // "NAME:VERSION"
};

void Warn(Session& session, const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings) {
    session.Note(absl::StrCat("warning: ", EscapeLines(warning)));
  }
}

absl::Status CheckEncoding(const Options& options) {
  if (options.encoding == "hex" || options.encoding == "pem") {
    return absl::OkStatus();
  }
  return base::MakeError(
      absl::StatusCode::kInvalidArgument,
      absl::StrCat("--encoding ", base::EscapeForDisplay(options.encoding),
                   " is unknown; right is hex or pem"),
      Because("FORMAT_UNKNOWN"));
}

// The context entries that name the component, unless the user gave their own.
void Describe(const ComponentDescriptor& descriptor, v1::SigningRequest& out) {
  const std::string component =
      absl::StrCat(descriptor.name(), ":", descriptor.version());
  if (out.description().empty()) {
    out.set_description(absl::StrCat("component ", component));
  }
  out.mutable_context()->insert({"component.name", descriptor.name()});
  out.mutable_context()->insert({"component.version", descriptor.version()});
}

absl::StatusOr<Prepared> Prepare(Session& session, const Options& options) {
  RETURN_IF_ERROR(CheckEncoding(options));
  Prepared out;
  ASSIGN_OR_RETURN(out.ask, MakeAsk(options.sign));
  ASSIGN_OR_RETURN(const NormalisationAlgorithm normalisation,
                   ParseNormalisationAlgorithm(options.normalisation));
  ASSIGN_OR_RETURN(const v1::HashAlgorithm hash, ReadHash(options.hash));
  ASSIGN_OR_RETURN(out.text, ReadInput(session, options.file));
  const auto descriptor = ComponentDescriptor::Parse(out.text);
  if (!descriptor.ok())
    return base::Annotate(descriptor.status(), options.file);
  Warn(session, descriptor->warnings());
  RETURN_IF_ERROR(
      CheckSignatureName(*descriptor, options.signature, options.force));
  v1::SigningRequest& content = *out.ask.request.mutable_signing_request();
  if (content.signature_algorithm() == v1::ED25519) return NoDigestsHere();
  PlannedSignature planned;
  planned.normalisation = normalisation;
  planned.scheme = SchemeOf(content.signature_algorithm());
  planned.pem = options.encoding == "pem";
  ASSIGN_OR_RETURN(const InteropReport report,
                   CheckInterop(*descriptor, planned));
  Warn(session, report.warnings);
  ASSIGN_OR_RETURN(out.digest, DigestOfDescriptor(*descriptor, normalisation,
                                                  FromWire(hash)));
  out.component = absl::StrCat(descriptor->name(), ":", descriptor->version());
  Describe(*descriptor, content);
  content.set_hash_algorithm(hash);
  content.set_encoding(planned.pem ? v1::PEM : v1::RAW);
  v1::LabelledDigest* digest = content.add_digests();
  digest->set_value(out.digest.octets);
  digest->set_label(absl::StrCat("component ", out.component));
  return out;
}

absl::StatusOr<DescriptorSignature> MakeEntry(
    Session& session, const Options& options, const DescriptorDigest& digest,
    const v1::SigningRequest& request) {
  const std::string& value = request.signatures(0).value();
  if (request.encoding() != v1::PEM) {
    return MakePlainSignature(options.signature, digest.spec,
                              SchemeOf(request.signature_algorithm()), value);
  }
  ASSIGN_OR_RETURN(const DetachedSignature detached,
                   ParseDetachedSignature(value));
  Warn(session, PemWarnings(options.signature, detached));
  return MakePemSignature(options.signature, digest.spec, detached);
}

absl::Status ShowPlan(Session& session, const Options& options,
                      const Prepared& prepared) {
  const DigestSpec& spec = prepared.digest.spec;
  if (session.json()) {
    session.PrintJson(base::Json::Object{
        {"component", prepared.component},
        {"signature", options.signature},
        {"normalisationAlgorithm", spec.normalisation_algorithm},
        {"hashAlgorithm", spec.hash_algorithm},
        {"value", spec.value}});
    return absl::OkStatus();
  }
  TextBlock block;
  block.Add("Component", prepared.component);
  block.Add("Signature", options.signature);
  block.Add("Normalisation", spec.normalisation_algorithm);
  block.Add("Hash", spec.hash_algorithm);
  block.Add("Digest", spec.value);
  block.Add("Operation", prepared.ask.request.parent());
  session.Print(block.Format());
  return absl::OkStatus();
}

// The file is read again: people may have changed it while the request waited.
absl::StatusOr<std::string> TextNow(Session& session, const Options& options,
                                    const Prepared& prepared) {
  if (options.file == "-") return prepared.text;
  ASSIGN_OR_RETURN(const std::string now, ReadInput(session, options.file));
  if (now == prepared.text) return now;
  return base::MakeError(
      absl::StatusCode::kAborted,
      absl::StrCat(options.file,
                   " was changed while the request waited; it was left alone"),
      Because("FILE_CHANGED"));
}

absl::Status Run(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const Prepared prepared, Prepare(session, options));
  if (options.dry_run) return ShowPlan(session, options, prepared);
  const auto answer = AskForSignature(session, prepared.ask);
  if (!answer.ok()) {
    return ExplainRefusal(session, prepared.ask.request.parent(),
                          answer.status());
  }
  const v1::SigningRequest& request = *answer;
  if (!prepared.ask.wait) {
    PrintName(session, request);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const DescriptorSignature entry,
                   MakeEntry(session, options, prepared.digest, request));
  RETURN_IF_ERROR(CheckEntries(session, request, {entry}));
  ASSIGN_OR_RETURN(const std::string text, TextNow(session, options, prepared));
  ASSIGN_OR_RETURN(const std::string signed_text,
                   AddSignature(text, entry, options.force));
  const std::string target =
      options.output.empty() ? options.file : options.output;
  if (session.json()) session.PrintJson(ProtoJson(request));
  if (session.json() && target == "-") return absl::OkStatus();
  RETURN_IF_ERROR(session.WriteResult(target, signed_text));
  session.Note(EscapeLines(absl::StrCat(
      "signed component ", prepared.component, " as \"", options.signature,
      "\" with ", request.key_version(), target == "-" ? "" : " into ",
      target == "-" ? "" : target)));
  return absl::OkStatus();
}

}  // namespace

void AddSignDescriptor(CLI::App& sign, Session& session) {
  const auto options = std::make_shared<Options>();
  CLI::App& leaf = AddCommand(
      sign, session, Needs::kServerOwnContext, "component-descriptor",
      "Sign an OCM component descriptor and put the signature into it",
      "countersign sign component-descriptor component-descriptor.yaml "
      "-p router/ocm --signature release\n"
      "countersign sign component-descriptor cd.yaml -p router/ocm-pem "
      "--signature release --encoding pem -O signed.yaml\n"
      "countersign sign component-descriptor cd.yaml -p router/ocm "
      "--signature release --dry-run");
  leaf.add_option("file", options->file, "YAML or JSON; rewritten in place")
      ->required()
      ->type_name("FILE");
  leaf.add_option("--signature", options->signature, "name of the signature")
      ->required()
      ->type_name("NAME");
  leaf.add_option("--normalisation", options->normalisation,
                  "jsonNormalisation/v1, /v2, /v3 (default) or /v4alpha1")
      ->type_name("NAME");
  leaf.add_option("--hash", options->hash, "sha256 (default), sha384, sha512")
      ->type_name("NAME");
  leaf.add_option("--encoding", options->encoding,
                  "hex (default), or pem with certificates")
      ->type_name("hex|pem");
  leaf.add_flag("--force", options->force,
                "replace a signature that has this name");
  leaf.add_flag("--dry-run", options->dry_run,
                "show what would be signed and ask nobody");
  leaf.add_option("-O,--output", options->output,
                  "write there and leave FILE alone")
      ->type_name("FILE");
  AddSignOptions(leaf, options->sign);
  SetAction(leaf, session,
            [&session, options] { return Run(session, *options); });
}

void AddSignCommands(CLI::App& root, Session& session) {
  CLI::App& group = AddGroup(
      root, "sign",
      "Ask for signatures, wait for those who must agree, and fetch them");
  AddSignDigest(group, session);
  AddSignBlob(group, session);
  AddSignDescriptor(group, session);
  AddSignComponentVersion(group, session);
  AddSignImage(group, session);
  AddSignAttestation(group, session);
}

}  // namespace countersign::client
