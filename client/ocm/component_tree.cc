#include "client/ocm/component_tree.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"

namespace countersign::client {
namespace {

// Depth first, without recursion: a chain may be as long as the tree is large.
class Loader {
 public:
  Loader(const std::vector<ComponentRepository*>& repositories,
         const TreeLimits& limits)
      : repositories_(repositories), limits_(limits) {}

  absl::Status AddRoot(const ComponentId& id) {
    if (places_.count(id) == 0) RETURN_IF_ERROR(Open(id));
    while (!open_.empty()) RETURN_IF_ERROR(Step());
    tree_.roots.push_back(places_.at(id));
    return absl::OkStatus();
  }

  ComponentTree Take() { return std::move(tree_); }

 private:
  // "a:1 -> b:2", from a root to `id`.
  std::string Way(const ComponentId& id) const {
    std::string way;
    for (const ComponentVersion& version : open_) {
      absl::StrAppend(&way, version.id.Format(), " -> ");
    }
    return way + id.Format();
  }

  // One reference of the version that was opened last, or its end.
  absl::Status Step() {
    ComponentVersion& top = open_.back();
    const std::vector<Reference>& references =
        top.descriptor.model().references;
    if (top.references.size() == references.size()) {
      places_[top.id] = tree_.versions.size();
      tree_.versions.push_back(std::move(top));
      open_.pop_back();
      return absl::OkStatus();
    }
    const Reference& reference = references[top.references.size()];
    const ComponentId id{reference.component_name, reference.meta.version};
    const auto known = places_.find(id);
    if (known != places_.end()) {
      top.references.push_back(known->second);
      return absl::OkStatus();
    }
    for (const ComponentVersion& version : open_) {
      if (!(version.id == id)) continue;
      return BadInput(
          "COMPONENT_CYCLE",
          absl::StrCat("a component version refers to itself: ", Way(id)));
    }
    return Open(id);
  }

  absl::Status Open(const ComponentId& id) {
    const bool is_root = open_.empty();
    if (tree_.versions.size() + open_.size() >= limits_.max_versions) {
      return BadInput("TREE_TOO_LARGE",
                      absl::StrCat("more than ", limits_.max_versions,
                                   " component versions: ", Way(id)));
    }
    for (ComponentRepository* const repository : repositories_) {
      absl::StatusOr<std::string> text = repository->ReadDescriptor(id);
      if (text.ok()) return OpenText(id, repository, *std::move(text));
      if (is_root) return text.status();
      if (!absl::IsNotFound(text.status())) {
        return base::Annotate(text.status(), Way(id));
      }
    }
    return Missing(id);
  }

  absl::Status OpenText(const ComponentId& id, ComponentRepository* repository,
                        std::string text) {
    bytes_ += text.size();
    if (bytes_ > limits_.max_bytes) {
      return BadInput("TREE_TOO_LARGE",
                      absl::StrCat("the descriptors have more than ",
                                   limits_.max_bytes, " octets: ", Way(id)));
    }
    absl::StatusOr<ComponentDescriptor> descriptor =
        ComponentDescriptor::Parse(text);
    if (!descriptor.ok()) {
      return base::Annotate(descriptor.status(), Way(id));
    }
    const ComponentId said{descriptor->name(), descriptor->version()};
    if (!(said == id)) {
      return BadInput("COMPONENT_VERSION_MISMATCH",
                      absl::StrCat("in ", repository->Name(),
                                   " the descriptor of ", Quoted(id.Format()),
                                   " is that of ", Quoted(said.Format())));
    }
    open_.push_back(ComponentVersion{
        id, repository, std::move(text), *std::move(descriptor), {}});
    return absl::OkStatus();
  }

  absl::Status Missing(const ComponentId& id) const {
    const std::string places = absl::StrJoin(
        repositories_, ", ",
        [](std::string* out, const ComponentRepository* repository) {
          absl::StrAppend(out, repository->Name());
        });
    return ArtifactError(
        absl::StatusCode::kNotFound, "COMPONENT_VERSION_UNKNOWN",
        absl::StrCat("component version ", Quoted(id.Format()), " is missing (",
                     Way(id), "); looked in ", places,
                     ". Name the repository that has it with --lookup REPO"));
  }

  const std::vector<ComponentRepository*>& repositories_;
  const TreeLimits& limits_;
  std::vector<ComponentVersion> open_;  // from a root down
  std::map<ComponentId, size_t> places_;
  size_t bytes_ = 0;
  ComponentTree tree_;
};

}  // namespace

absl::StatusOr<ComponentTree> LoadComponentTree(
    const std::vector<ComponentId>& roots,
    const std::vector<ComponentRepository*>& repositories,
    const TreeLimits& limits) {
  Loader loader(repositories, limits);
  for (const ComponentId& root : roots) RETURN_IF_ERROR(loader.AddRoot(root));
  return loader.Take();
}

}  // namespace countersign::client
