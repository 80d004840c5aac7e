// countersign hash component-version, countersign normalise ...: what would be
// signed, offline, for looking into differences.
#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/artifact/component_descriptor.h"
#include "client/artifact/normalisation.h"
#include "client/cli/algorithm_text.h"
#include "client/cli/command_tree.h"
#include "client/cli/commands/commands.h"
#include "client/cli/component_input.h"
#include "client/cli/text_table.h"
#include "client/ocm/tree_digest.h"

namespace countersign::client {
namespace {

constexpr char kNormalisations[] =
    "jsonNormalisation/v1, /v2, /v3 (default) or /v4alpha1";

struct Options {
  ComponentOptions component;
  std::string file;
  std::string normalisation = "jsonNormalisation/v3";
  std::string hash = "sha256";
  std::string output;
  bool recursive = false;
};

absl::StatusOr<DigestMode> ReadMode(const Options& options) {
  DigestMode mode;
  ASSIGN_OR_RETURN(mode.normalisation,
                   ParseNormalisationAlgorithm(options.normalisation));
  ASSIGN_OR_RETURN(const v1::HashAlgorithm hash, ReadHash(options.hash));
  mode.hash = FromWire(hash);
  return mode;
}

// What differs from its content makes the digest worthless; people who look for
// the reason want it all the same.
void NoteMismatches(Session& session, const TreeDigest& digests) {
  for (size_t v = 0; v < digests.tree().versions.size(); ++v) {
    const ComponentVersion& version = digests.tree().versions[v];
    for (size_t i = 0; i < digests.Content(v).size(); ++i) {
      const ContentFinding& finding = digests.Content(v)[i];
      if (finding.note.empty()) continue;
      session.Note(EscapeLines(
          absl::StrCat("warning: ", version.id.Format(), ", resource ",
                       version.descriptor.model().resources[i].meta.name, ": ",
                       finding.note)));
    }
  }
}

absl::Status Hash(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const DigestMode mode, ReadMode(options));
  ASSIGN_OR_RETURN(const std::unique_ptr<ComponentInput> input,
                   ComponentInput::Open(session, options.component));
  ASSIGN_OR_RETURN(TreeDigest digests, input->Digests(mode.hash));
  NoteMismatches(session, digests);
  const ComponentTree& tree = input->tree();
  std::vector<size_t> chosen = tree.roots;
  if (options.recursive) {
    chosen.clear();
    for (size_t v = tree.versions.size(); v > 0; --v) chosen.push_back(v - 1);
  }
  base::Json::Array list;
  TextTable table({"COMPONENT", "VERSION", "HASH", "DIGEST"});
  for (const size_t v : chosen) {
    ASSIGN_OR_RETURN(const DigestSpec digest, digests.Digest(v, mode));
    const ComponentId& id = tree.versions[v].id;
    table.AddRow({id.name, id.version, digest.hash_algorithm, digest.value});
    list.push_back(base::Json::Object{
        {"component", id.name},
        {"version", id.version},
        {"normalisationAlgorithm", digest.normalisation_algorithm},
        {"hashAlgorithm", digest.hash_algorithm},
        {"value", digest.value}});
  }
  if (session.json()) {
    session.PrintJson(base::Json(std::move(list)));
  } else {
    session.Print(table.Format());
  }
  return absl::OkStatus();
}

absl::Status WriteNormalised(Session& session, const Options& options,
                             const std::string& text) {
  const auto descriptor = ComponentDescriptor::Parse(text);
  RETURN_IF_ERROR(descriptor.status());
  ASSIGN_OR_RETURN(const std::string bytes,
                   Normalise(*descriptor, options.normalisation));
  // The exact bytes: no newline is added.
  return session.WriteResult(options.output, bytes);
}

absl::Status NormaliseVersion(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const DigestMode mode, ReadMode(options));
  ASSIGN_OR_RETURN(const std::unique_ptr<ComponentInput> input,
                   ComponentInput::Open(session, options.component));
  if (input->tree().roots.size() != 1) {
    return base::MakeError(
        absl::StatusCode::kInvalidArgument,
        absl::StrCat("there are ", input->tree().roots.size(),
                     " component versions; name one, REPO//NAME:VERSION"),
        Because("REFERENCE_INVALID"));
  }
  ASSIGN_OR_RETURN(TreeDigest digests, input->Digests(mode.hash));
  NoteMismatches(session, digests);
  ASSIGN_OR_RETURN(const std::string text,
                   digests.Text(input->tree().roots[0], mode));
  return WriteNormalised(session, options, text);
}

absl::Status NormaliseDescriptor(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const std::string text, ReadInput(session, options.file));
  const absl::Status status = WriteNormalised(session, options, text);
  return status.ok() ? status : base::Annotate(status, options.file);
}

void AddNormalisation(CLI::App& leaf, Options& options) {
  leaf.add_option("--normalisation", options.normalisation, kNormalisations)
      ->type_name("NAME");
}

void AddOutput(CLI::App& leaf, Options& options) {
  leaf.add_option("-O,--output", options.output,
                  "file instead of standard output")
      ->type_name("FILE");
}

}  // namespace

void AddHashComponentVersion(CLI::App& hash, Session& session) {
  const auto options = std::make_shared<Options>();
  CLI::App& leaf = AddCommand(
      hash, session, Needs::kNothing, "component-version",
      "Hash an OCM component version with its content and references, as it "
      "would be signed",
      "countersign hash component-version ./ctf//acme.org/shop:1.0.0\n"
      "countersign hash component-version ./ctf --recursive -o json");
  AddComponentOptions(leaf, options->component);
  leaf.add_option("--hash", options->hash, "sha256 (default) or sha512")
      ->type_name("NAME");
  AddNormalisation(leaf, *options);
  leaf.add_flag("--recursive", options->recursive,
                "every version that is referred to as well");
  SetAction(leaf, session,
            [&session, options] { return Hash(session, *options); });
}

void AddNormaliseCommands(CLI::App& root, Session& session) {
  CLI::App& group =
      AddGroup(root, "normalise", "The exact bytes that are hashed");
  const auto version = std::make_shared<Options>();
  CLI::App& version_leaf = AddCommand(
      group, session, Needs::kNothing, "component-version",
      "Normalise an OCM component version, with all digests filled in",
      "countersign normalise component-version ./ctf//acme.org/shop:1.0.0 | "
      "sha256sum");
  AddComponentOptions(version_leaf, version->component);
  AddNormalisation(version_leaf, *version);
  AddOutput(version_leaf, *version);
  SetAction(version_leaf, session, [&session, version] {
    return NormaliseVersion(session, *version);
  });

  const auto descriptor = std::make_shared<Options>();
  CLI::App& descriptor_leaf =
      AddCommand(group, session, Needs::kNothing, "component-descriptor",
                 "Normalise an OCM component descriptor as it stands",
                 "countersign normalise component-descriptor cd.yaml "
                 "--normalisation jsonNormalisation/v1");
  descriptor_leaf
      .add_option("file", descriptor->file, "YAML or JSON; - is standard input")
      ->required()
      ->type_name("FILE");
  AddNormalisation(descriptor_leaf, *descriptor);
  AddOutput(descriptor_leaf, *descriptor);
  SetAction(descriptor_leaf, session, [&session, descriptor] {
    return NormaliseDescriptor(session, *descriptor);
  });
}

}  // namespace countersign::client
