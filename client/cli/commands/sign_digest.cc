// countersign sign digest
#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/cli/algorithm_text.h"
#include "client/cli/command_tree.h"
#include "client/cli/commands/commands.h"
#include "client/cli/digest_text.h"
#include "client/cli/proto_json.h"
#include "client/cli/sign_options.h"
#include "client/cli/signature_output.h"
#include "client/cli/signing_key.h"

namespace countersign::client {
namespace {

struct Options {
  SignOptions sign;
  std::vector<std::string> digests;
  std::vector<std::string> labels;
  std::string hash;
  std::string format;
  std::string ecdsa_form;
  std::string output;
};

absl::Status AddDigests(const Options& options, v1::SigningRequest& request) {
  if (options.labels.size() > options.digests.size()) {
    return base::MakeError(absl::StatusCode::kInvalidArgument,
                           absl::StrCat(options.labels.size(), " labels for ",
                                        options.digests.size(), " digests"),
                           Because("TOO_MANY_LABELS"));
  }
  std::optional<HashAlgorithm> hash;
  if (!options.hash.empty()) {
    ASSIGN_OR_RETURN(const v1::HashAlgorithm wire, ReadHash(options.hash));
    hash = FromWire(wire);
  }
  for (size_t i = 0; i < options.digests.size(); ++i) {
    ASSIGN_OR_RETURN(const ParsedDigest digest,
                     ParseDigest(options.digests[i], hash));
    hash = digest.hash;  // one hash for all: the first one's
    v1::LabelledDigest* added = request.add_digests();
    added->set_value(digest.octets);
    if (i < options.labels.size()) added->set_label(options.labels[i]);
  }
  request.set_hash_algorithm(ToWire(*hash));
  return absl::OkStatus();
}

absl::Status Write(Session& session, const Options& options,
                   const v1::SigningRequest& request,
                   std::optional<SignatureFormat> format) {
  const bool to_file = !options.output.empty() && options.output != "-";
  if (session.json()) session.PrintJson(ProtoJson(request));
  if (session.json() && !to_file) return absl::OkStatus();
  const bool many = request.signatures_size() > 1;
  format = FormatFor(format, options.output);
  // Several signatures in one text: lines of base64, or PEM blocks.
  if (many && !format.has_value() && request.encoding() != v1::PEM) {
    format = SignatureFormat::kBase64;
  }
  std::string text;
  for (int i = 0; i < request.signatures_size(); ++i) {
    ASSIGN_OR_RETURN(const std::string one,
                     FormatSignature(request, i, format, to_file && !many));
    absl::StrAppend(&text, one);
  }
  return session.WriteResult(options.output, text);
}

absl::Status Run(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const auto format, ReadSignatureFormat(options.format));
  ASSIGN_OR_RETURN(Ask ask, MakeAsk(options.sign));
  v1::SigningRequest& content = *ask.request.mutable_signing_request();
  if (content.signature_algorithm() == v1::ED25519) return NoDigestsHere();
  RETURN_IF_ERROR(AddDigests(options, content));
  if (format == SignatureFormat::kRaw && content.digests_size() > 1) {
    return base::MakeError(absl::StatusCode::kInvalidArgument,
                           "several raw signatures would run together; use "
                           "--format base64, one line each",
                           Because("FORMAT_NOT_POSSIBLE"));
  }
  if (format == SignatureFormat::kPem) content.set_encoding(v1::PEM);
  RETURN_IF_ERROR(SetEcdsaForm(options.ecdsa_form, content));
  const auto request = AskForSignature(session, ask);
  if (!request.ok()) {
    return ExplainRefusal(session, ask.request.parent(), request.status());
  }
  if (!ask.wait) {
    PrintName(session, *request);
    return absl::OkStatus();
  }
  return Write(session, options, *request, format);
}

}  // namespace

void AddSignDigest(CLI::App& sign, Session& session) {
  const auto options = std::make_shared<Options>();
  CLI::App& leaf = AddCommand(
      sign, session, Needs::kServerOwnContext, "digest",
      "Sign digests that were made elsewhere: base64 or hexadecimal",
      "countersign sign digest $(sha256sum < payload.json | cut -d' ' -f1) "
      "-p router/oci\n"
      "countersign sign digest \"$DIGEST\" -p router/oci --label image:1.0 "
      "--context build=42 -O image.sig --format raw\n"
      "countersign sign digest \"$DIGEST\" -p router/oci -O signature.b64\n"
      "countersign sign digest \"$DIGEST\" -p router/oci --no-wait");
  leaf.add_option("digest", options->digests,
                  "base64 or hexadecimal; several are decided as one")
      ->required()
      ->type_name("DIGEST");
  leaf.add_option("--hash", options->hash,
                  "sha256, sha384 or sha512; otherwise by the length")
      ->type_name("NAME");
  leaf.add_option("--label", options->labels,
                  "what the digest is of, in the order of the digests")
      ->allow_extra_args(false)
      ->type_name("TEXT");
  leaf.add_option("--format", options->format,
                  "raw (default into files, but for names in .b64), base64, or "
                  "pem (asks for the PEM encoding)")
      ->type_name("FORMAT");
  leaf.add_option("-O,--output", options->output,
                  "file instead of standard output")
      ->type_name("FILE");
  AddEcdsaForm(leaf, options->ecdsa_form);
  AddSignOptions(leaf, options->sign);
  SetAction(leaf, session,
            [&session, options] { return Run(session, *options); });
}

}  // namespace countersign::client
