#include "client/cli/component_input.h"

#include <CLI/CLI.hpp>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/cli/file_progress.h"
#include "client/ocm/ctf_archive.h"
#include "client/ocm/open_components.h"

namespace countersign::client {
namespace {

absl::Status ReferenceError(const std::string& text) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, text,
                         Because("REFERENCE_INVALID"));
}

// The versions that a reference means.
absl::StatusOr<std::vector<ComponentId>> RootsOf(
    ComponentRepository& repository, const ComponentReference& reference) {
  if (!reference.version.empty()) {
    return std::vector<ComponentId>{{reference.name, reference.version}};
  }
  const absl::StatusOr<std::vector<ComponentId>> all = repository.List();
  if (absl::IsUnimplemented(all.status())) {
    return ReferenceError(absl::StrCat(
        base::EscapeForDisplay(reference.Format()),
        ": name the component version, REPO//NAME:VERSION; a registry does not "
        "list what it has"));
  }
  RETURN_IF_ERROR(all.status());
  std::vector<ComponentId> roots;
  for (const ComponentId& id : *all) {
    if (reference.name.empty() || reference.name == id.name) {
      roots.push_back(id);
    }
  }
  if (!roots.empty()) return roots;
  return base::MakeError(
      absl::StatusCode::kNotFound,
      absl::StrCat(base::EscapeForDisplay(reference.Format()),
                   " has no component version"),
      Because("COMPONENT_VERSION_UNKNOWN"));
}

}  // namespace

void AddComponentOptions(CLI::App& leaf, ComponentOptions& options) {
  leaf.add_option("reference", options.reference,
                  "REPO//NAME:VERSION; REPO is a CTF (directory, tar or tgz) "
                  "or HOST/PATH of a registry. Of a CTF, REPO alone is all "
                  "that it has")
      ->required()
      ->type_name("REF");
  leaf.add_option("--lookup", options.lookup,
                  "another repository to look for referenced versions in; may "
                  "be repeated")
      ->allow_extra_args(false)
      ->type_name("REPO");
  AddRegistryOptions(leaf, options.registry);
}

absl::StatusOr<ComponentRepository*> ComponentInput::OpenRepository(
    const ComponentReference& reference) {
  // A tgz is unpacked into a file; people say where there is room for it.
  CtfArchiveOptions archive;
  const auto folder = session_.console().environment("TMPDIR");
  if (folder.has_value() && !folder->empty()) archive.spool_folder = *folder;
  ASSIGN_OR_RETURN(std::unique_ptr<ComponentRepository> repository,
                   OpenComponents(reference, *registries_, archive));
  repositories_.push_back(std::move(repository));
  return repositories_.back().get();
}

absl::StatusOr<std::unique_ptr<ComponentInput>> ComponentInput::Open(
    Session& session, const ComponentOptions& options) {
  ASSIGN_OR_RETURN(const ComponentReference reference,
                   ParseComponentReference(options.reference));
  std::unique_ptr<ComponentInput> input(new ComponentInput(session));
  input->registries_ = MakeRegistries(session, options.registry);
  std::vector<ComponentRepository*> repositories;
  ASSIGN_OR_RETURN(ComponentRepository* const first,
                   input->OpenRepository(reference));
  repositories.push_back(first);
  for (const std::string& text : options.lookup) {
    ASSIGN_OR_RETURN(const ComponentReference lookup,
                     ParseComponentReference(text));
    if (!lookup.name.empty()) {
      return ReferenceError(absl::StrCat("--lookup ",
                                         base::EscapeForDisplay(text),
                                         ": a repository is meant, without "
                                         "//NAME:VERSION"));
    }
    ASSIGN_OR_RETURN(ComponentRepository* const one,
                     input->OpenRepository(lookup));
    repositories.push_back(one);
  }
  ASSIGN_OR_RETURN(const std::vector<ComponentId> roots,
                   RootsOf(*first, reference));
  ASSIGN_OR_RETURN(input->tree_, LoadComponentTree(roots, repositories));
  return input;
}

std::string ComponentInput::Title() const {
  const std::string first = tree_.versions[tree_.roots[0]].id.Format();
  if (tree_.roots.size() == 1) return first;
  return absl::StrCat(first, " and ", tree_.roots.size() - 1, " more");
}

size_t ComponentInput::ResourceCount() const {
  size_t count = 0;
  for (const ComponentVersion& version : tree_.versions) {
    count += version.descriptor.model().resources.size();
  }
  return count;
}

absl::StatusOr<TreeDigest> ComponentInput::Digests(HashAlgorithm hash) {
  // One line, for the resource that is read just now.
  std::string name;
  std::optional<FileProgress> progress;
  DigestProgress tell;
  ContentDigester digester(
      *registries_, HashesFor(tree_, hash),
      [&](const std::string& resource, uint64_t done) {
        if (resource != name || !progress.has_value()) {
          name = resource;
          progress.emplace(session_, absl::StrCat("resource ", resource));
          tell = progress->Callback();
        }
        if (tell) tell(done, std::nullopt);
      });
  return TreeDigest::Create(tree_, digester);
}

}  // namespace countersign::client
