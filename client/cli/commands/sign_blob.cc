// countersign sign blob
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/artifact/file_digest.h"
#include "client/cli/algorithm_text.h"
#include "client/cli/command_tree.h"
#include "client/cli/commands/commands.h"
#include "client/cli/file_progress.h"
#include "client/cli/proto_json.h"
#include "client/cli/sign_options.h"
#include "client/cli/signature_output.h"
#include "client/cli/signing_key.h"
#include "client/cli/sigstore_bundle.h"
#include "client/cli/sigstore_signer.h"

namespace countersign::client {
namespace {

// Of the contract: resources.proto, LabelledDigest.message.
constexpr size_t kMaxMessage = 4096;
constexpr size_t kMaxMessages = 16;

struct Options {
  SignOptions sign;
  std::vector<std::string> files;
  std::string hash;  // empty: SHA-256
  std::string format;
  std::string ecdsa_form;
  std::string output;
  std::string bundle;
};

std::string BaseName(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

std::string Label(const std::string& file, uint64_t size) {
  return absl::StrCat(file == "-" ? "standard input" : BaseName(file), " (",
                      size, " octets)");
}

bool IsFolder(const std::string& path) {
  struct stat info = {};
  return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

// Where each signature goes; checked before anybody is asked. Empty: standard
// output.
absl::StatusOr<std::vector<std::string>> Targets(
    const Options& options, std::optional<SignatureFormat> format) {
  std::vector<std::string> targets;
  if (options.output.empty() || options.output == "-") return targets;
  if (!IsFolder(options.output)) {
    if (options.files.size() == 1) return std::vector{options.output};
    return base::MakeError(absl::StatusCode::kInvalidArgument,
                           absl::StrCat("-O ", options.output,
                                        ": several files need a folder that "
                                        "is there"),
                           Because("OUTPUT_NOT_POSSIBLE"));
  }
  const char* suffix = format == SignatureFormat::kPem ? ".pem" : ".sig";
  std::set<std::string> seen;
  for (const std::string& file : options.files) {
    targets.push_back(
        absl::StrCat(options.output, "/", BaseName(file), suffix));
    if (!seen.insert(targets.back()).second) {
      return base::MakeError(
          absl::StatusCode::kInvalidArgument,
          absl::StrCat("two files would be signed into ", targets.back()),
          Because("OUTPUT_NOT_POSSIBLE"));
    }
  }
  return targets;
}

absl::Status AddFiles(Session& session, const Options& options,
                      v1::SigningRequest& request) {
  ASSIGN_OR_RETURN(const v1::HashAlgorithm hash,
                   ReadHash(options.hash.empty() ? "sha256" : options.hash));
  request.set_hash_algorithm(hash);
  for (const std::string& file : options.files) {
    FileProgress progress(session, file);
    const auto digest = DigestFile(file, FromWire(hash), progress.Callback());
    if (!digest.ok()) return AsBadInput(digest.status());
    v1::LabelledDigest* added = request.add_digests();
    added->set_value(digest->octets);
    added->set_label(Label(file, digest->size));
  }
  return absl::OkStatus();
}

absl::Status TooLong(const std::string& file) {
  const std::string shown = file == "-" ? "standard input" : file;
  return base::MakeError(
      absl::StatusCode::kInvalidArgument,
      absl::StrCat(
          shown, " has more than ", kMaxMessage,
          " octets, and ED25519 signs the message itself, no longer than "
          "that. Sign it with an operation that has an ECDSA or RSA key; or "
          "make a short message of it, such as the line that\n  sha256sum ",
          file == "-" ? "FILE" : file,
          "\nprints, and sign that: who verifies does the same"),
      Because("MESSAGE_TOO_LONG"));
}

absl::StatusOr<std::string> ReadMessage(Session& session,
                                        const std::string& file) {
  struct stat info = {};
  if (file != "-" && stat(file.c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
      info.st_size > static_cast<off_t>(kMaxMessage)) {
    return TooLong(file);
  }
  ASSIGN_OR_RETURN(const std::string message, ReadInput(session, file));
  if (message.size() > kMaxMessage) return TooLong(file);
  return message;
}

// Ed25519: the files themselves, which have to be short.
absl::Status AddMessages(Session& session, const Options& options,
                         v1::SigningRequest& request) {
  const auto wrong = [](const char* reason, const std::string& text) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, text,
                           Because(reason));
  };
  if (!options.hash.empty()) {
    return wrong("HASH_NOT_POSSIBLE",
                 "--hash does not go with ED25519, which signs the message "
                 "itself");
  }
  if (options.files.size() > kMaxMessages) {
    return wrong("TOO_MANY_MESSAGES",
                 absl::StrCat(options.files.size(), " files; ED25519 takes ",
                              kMaxMessages, " in one request"));
  }
  request.set_hash_algorithm(v1::UNHASHED);
  request.set_signature_algorithm(v1::ED25519);
  for (const std::string& file : options.files) {
    ASSIGN_OR_RETURN(const std::string message, ReadMessage(session, file));
    if (message.empty()) {
      return wrong("MESSAGE_EMPTY",
                   absl::StrCat(file, " is empty: there is nothing to sign"));
    }
    v1::LabelledDigest* added = request.add_digests();
    added->set_message(message);
    added->set_label(Label(file, message.size()));
  }
  return absl::OkStatus();
}

absl::Status Write(Session& session, const v1::SigningRequest& request,
                   std::optional<SignatureFormat> format,
                   const std::vector<std::string>& targets) {
  if (session.json()) session.PrintJson(ProtoJson(request));
  for (int i = 0; i < request.signatures_size(); ++i) {
    const std::string target = targets.empty() ? "" : targets[i];
    if (session.json() && target.empty()) continue;
    ASSIGN_OR_RETURN(const std::string text,
                     FormatSignature(request, i, FormatFor(format, target),
                                     !target.empty()));
    RETURN_IF_ERROR(session.WriteResult(target, text));
  }
  return absl::OkStatus();
}

absl::Status CheckBundle(const Options& options) {
  const auto wrong = [](const char* why) {
    return base::MakeError(absl::StatusCode::kInvalidArgument,
                           absl::StrCat("--bundle ", why),
                           Because("BUNDLE_NOT_POSSIBLE"));
  };
  if (options.files.size() != 1) return wrong("is of one file");
  if (!options.ecdsa_form.empty() || !options.format.empty()) {
    return wrong("has a form of its own: neither --format nor --ecdsa-form");
  }
  if (options.hash.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const v1::HashAlgorithm hash, ReadHash(options.hash));
  if (hash == v1::SHA256) return absl::OkStatus();
  return wrong("is signed over SHA-256: cosign verifies no other hash of it");
}

// For `cosign verify-blob --bundle`; the bare signature goes to -O too.
absl::Status SignBundle(Session& session, const Options& options) {
  RETURN_IF_ERROR(CheckBundle(options));
  const std::string& file = options.files[0];
  ASSIGN_OR_RETURN(SigstoreSigner signer,
                   SigstoreSigner::Create(session, options.sign));
  WarnOfNames(session, signer);
  absl::StatusOr<FileDigest> digest;
  {
    FileProgress progress(session, file);
    digest = DigestFile(file, HashAlgorithm::kSha256, progress.Callback());
  }
  if (!digest.ok()) return AsBadInput(digest.status());
  ASSIGN_OR_RETURN(const auto signatures,
                   signer.Sign(session, "blob",
                               {{digest->octets, Label(file, digest->size)}}));
  if (!signatures.has_value()) return absl::OkStatus();
  const std::string& signature = signatures->values[0];
  if (!options.output.empty()) {
    RETURN_IF_ERROR(
        session.WriteResult(options.output, NamesBase64(options.output)
                                                ? base::Base64Encode(signature)
                                                : signature));
  }
  return session.WriteResult(
      options.bundle, FormatBlobBundle(signer, digest->octets, signature));
}

absl::Status Run(Session& session, const Options& options) {
  if (!options.bundle.empty()) return SignBundle(session, options);
  ASSIGN_OR_RETURN(const auto format, ReadSignatureFormat(options.format));
  ASSIGN_OR_RETURN(Ask ask, MakeAsk(options.sign));
  ASSIGN_OR_RETURN(const std::vector<std::string> targets,
                   Targets(options, format));
  if (format == SignatureFormat::kRaw && targets.empty() &&
      options.files.size() > 1) {
    return base::MakeError(absl::StatusCode::kInvalidArgument,
                           "several raw signatures would run together; give "
                           "a folder with -O",
                           Because("FORMAT_NOT_POSSIBLE"));
  }
  v1::SigningRequest& content = *ask.request.mutable_signing_request();
  if (format == SignatureFormat::kPem) content.set_encoding(v1::PEM);
  RETURN_IF_ERROR(SetEcdsaForm(options.ecdsa_form, content));
  ASSIGN_OR_RETURN(const bool messages,
                   SignsMessages(session, ask.request.parent(),
                                 content.signature_algorithm()));
  RETURN_IF_ERROR(messages ? AddMessages(session, options, content)
                           : AddFiles(session, options, content));
  ASSIGN_OR_RETURN(const v1::SigningRequest request,
                   AskForSignature(session, ask));
  if (!ask.wait) {
    PrintName(session, request);
    return absl::OkStatus();
  }
  return Write(session, request, format, targets);
}

}  // namespace

void AddSignBlob(CLI::App& sign, Session& session) {
  const auto options = std::make_shared<Options>();
  CLI::App& leaf = AddCommand(
      sign, session, Needs::kServerOwnContext, "blob",
      "Hash files here and sign their digests; the files stay here (ED25519: "
      "the files themselves are sent, to 4096 octets)",
      "countersign sign blob firmware.bin -p router/firmware "
      "-O firmware.bin.sig\n"
      "countersign sign blob *.deb -p router/packages -O signatures/\n"
      "countersign sign blob image.tar -p router/detached --format pem "
      "-O image.tar.pem\n"
      "countersign sign blob firmware.bin -p router/firmware "
      "--bundle firmware.bin.sigstore.json\n"
      "countersign sign blob token.json -p router/tokens --algorithm ed25519 "
      "-O token.sig");
  leaf.add_option("file", options->files,
                  "files; - is standard input; several are decided as one")
      ->required()
      ->type_name("FILE");
  leaf.add_option("--hash", options->hash, "sha256 (default), sha384, sha512")
      ->type_name("NAME");
  leaf.add_option("--format", options->format,
                  "raw (default into files), base64 (default to standard "
                  "output), or pem (asks for the PEM encoding)")
      ->type_name("FORMAT");
  leaf.add_option("-O,--output", options->output,
                  "file for one signature, folder for several")
      ->type_name("PATH");
  leaf.add_option("--bundle", options->bundle,
                  "write a sigstore bundle there (cosign verify-blob "
                  "--bundle)")
      ->type_name("FILE");
  AddEcdsaForm(leaf, options->ecdsa_form);
  AddSignOptions(leaf, options->sign);
  SetAction(leaf, session,
            [&session, options] { return Run(session, *options); });
}

}  // namespace countersign::client
