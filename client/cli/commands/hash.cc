// countersign hash blob|component-descriptor: what would be signed, offline.
#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/artifact/component_descriptor.h"
#include "client/artifact/descriptor_signature.h"
#include "client/artifact/file_digest.h"
#include "client/artifact/normalisation.h"
#include "client/cli/algorithm_text.h"
#include "client/cli/command_tree.h"
#include "client/cli/commands/commands.h"
#include "client/cli/file_progress.h"
#include "client/cli/text_table.h"

namespace countersign::client {
namespace {

struct Options {
  std::string file;
  std::string hash = "sha256";
  std::string format = "hex";
  std::string normalisation = "jsonNormalisation/v3";
  std::string output;
  bool normalised = false;
};

absl::StatusOr<std::string> Encode(const Options& options,
                                   const std::string& octets) {
  if (options.format == "hex") return base::HexEncode(octets);
  if (options.format == "base64") return base::Base64Encode(octets);
  return base::MakeError(
      absl::StatusCode::kInvalidArgument,
      absl::StrCat("unknown format \"", base::EscapeForDisplay(options.format),
                   "\"; right is hex or base64"),
      Because("FORMAT_UNKNOWN"));
}

absl::Status Blob(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const v1::HashAlgorithm wire, ReadHash(options.hash));
  FileProgress progress(session, options.file);
  const auto digest =
      DigestFile(options.file, FromWire(wire), progress.Callback());
  if (!digest.ok()) return AsBadInput(digest.status());
  ASSIGN_OR_RETURN(const std::string text, Encode(options, digest->octets));
  if (session.json()) {
    session.PrintJson(base::Json::Object{{"hashAlgorithm", Format(wire)},
                                         {"value", text},
                                         {"size", digest->size}});
  } else {
    session.Print(text + "\n");
  }
  return absl::OkStatus();
}

absl::Status Descriptor(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const v1::HashAlgorithm hash, ReadHash(options.hash));
  ASSIGN_OR_RETURN(const NormalisationAlgorithm normalisation,
                   ParseNormalisationAlgorithm(options.normalisation));
  ASSIGN_OR_RETURN(const std::string text, ReadInput(session, options.file));
  const auto descriptor = ComponentDescriptor::Parse(text);
  if (!descriptor.ok()) {
    return base::Annotate(descriptor.status(), options.file);
  }
  for (const std::string& warning : descriptor->warnings()) {
    session.Note(absl::StrCat("warning: ", EscapeLines(warning)));
  }
  const auto digest =
      DigestOfDescriptor(*descriptor, normalisation, FromWire(hash));
  if (!digest.ok()) return base::Annotate(digest.status(), options.file);
  // The exact bytes: no newline is added.
  if (options.normalised) {
    return session.WriteResult(options.output, digest->normalised);
  }
  ASSIGN_OR_RETURN(const std::string value, Encode(options, digest->octets));
  if (session.json()) {
    session.PrintJson(base::Json::Object{
        {"component", descriptor->name()},
        {"version", descriptor->version()},
        {"normalisationAlgorithm", digest->spec.normalisation_algorithm},
        {"hashAlgorithm", digest->spec.hash_algorithm},
        {"value", value}});
    return absl::OkStatus();
  }
  return session.WriteResult(options.output, value + "\n");
}

void AddCommon(CLI::App& leaf, Options& options) {
  leaf.add_option("file", options.file, "- is standard input")
      ->required()
      ->type_name("FILE");
  leaf.add_option("--hash", options.hash, "sha256 (default), sha384 or sha512")
      ->type_name("NAME");
  leaf.add_option("--format", options.format, "hex (default) or base64")
      ->type_name("FORMAT");
}

}  // namespace

void AddHashCommands(CLI::App& root, Session& session) {
  CLI::App& group = AddGroup(root, "hash", "Digests, as they would be signed");
  const auto blob = std::make_shared<Options>();
  CLI::App& blob_leaf =
      AddCommand(group, session, Needs::kNothing, "blob", "Hash a file",
                 "countersign hash blob firmware.bin --format base64");
  AddCommon(blob_leaf, *blob);
  SetAction(blob_leaf, session,
            [&session, blob] { return Blob(session, *blob); });

  const auto cd = std::make_shared<Options>();
  CLI::App& cd_leaf = AddCommand(
      group, session, Needs::kNothing, "component-descriptor",
      "Hash an OCM component descriptor by a normalisation",
      "countersign hash component-descriptor component-descriptor.yaml\n"
      "countersign hash component-descriptor cd.yaml --normalised | sha256sum");
  AddCommon(cd_leaf, *cd);
  cd_leaf
      .add_option("--normalisation", cd->normalisation,
                  "jsonNormalisation/v1, /v2, /v3 (default) or /v4alpha1")
      ->type_name("NAME");
  cd_leaf.add_flag("--normalised", cd->normalised,
                   "the exact bytes that are hashed, instead of the digest");
  cd_leaf
      .add_option("-O,--output", cd->output, "file instead of standard output")
      ->type_name("FILE");
  SetAction(cd_leaf, session,
            [&session, cd] { return Descriptor(session, *cd); });
  AddHashComponentVersion(group, session);
}

}  // namespace countersign::client
