// countersign sign blob
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
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

namespace countersign::client {
namespace {

struct Options {
  SignOptions sign;
  std::vector<std::string> files;
  std::string hash = "sha256";
  std::string format;
  std::string output;
};

std::string BaseName(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
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
  ASSIGN_OR_RETURN(const v1::HashAlgorithm hash, ReadHash(options.hash));
  request.set_hash_algorithm(hash);
  for (const std::string& file : options.files) {
    FileProgress progress(session, file);
    const auto digest = DigestFile(file, FromWire(hash), progress.Callback());
    if (!digest.ok()) return AsBadInput(digest.status());
    v1::LabelledDigest* added = request.add_digests();
    added->set_value(digest->octets);
    added->set_label(
        absl::StrCat(file == "-" ? "standard input" : BaseName(file), " (",
                     digest->size, " octets)"));
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
                     FormatSignature(request, i, format, !target.empty()));
    RETURN_IF_ERROR(session.WriteResult(target, text));
  }
  return absl::OkStatus();
}

absl::Status Run(Session& session, const Options& options) {
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
  RETURN_IF_ERROR(AddFiles(session, options, content));
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
      "Hash files here and sign their digests; the files stay here",
      "countersign sign blob firmware.bin -p router/firmware "
      "-O firmware.bin.sig\n"
      "countersign sign blob *.deb -p router/packages -O signatures/\n"
      "countersign sign blob image.tar -p router/detached --format pem "
      "-O image.tar.pem");
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
  AddSignOptions(leaf, options->sign);
  SetAction(leaf, session,
            [&session, options] { return Run(session, *options); });
}

}  // namespace countersign::client
