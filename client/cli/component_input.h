// What the component-version commands begin with: the reference that was typed,
// the repositories that are asked, the tree, and its digests with progress on
// the terminal. Called by commands/*_component_version.cc.
#ifndef COUNTERSIGN_CLIENT_CLI_COMPONENT_INPUT_H_
#define COUNTERSIGN_CLIENT_CLI_COMPONENT_INPUT_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/artifact/hash_algorithm.h"
#include "client/cli/registry_options.h"
#include "client/cli/session.h"
#include "client/ocm/component_reference.h"
#include "client/ocm/component_repository.h"
#include "client/ocm/component_tree.h"
#include "client/ocm/tree_digest.h"

namespace countersign::client {

struct ComponentOptions {
  std::string reference;            // REPO//NAME:VERSION
  std::vector<std::string> lookup;  // REPO
  RegistryOptions registry;
};

// `options` must live as long as `leaf`.
void AddComponentOptions(CLI::App& leaf, ComponentOptions& options);

class ComponentInput {
 public:
  // Opens the repositories and reads the tree: blocks. A reference without a
  // version means all that a CTF has. INVALID_ARGUMENT for what cannot be read;
  // INVALID_ARGUMENT (REFERENCE_INVALID) for a registry without a version, and
  // the errors of OpenComponents and LoadComponentTree.
  static absl::StatusOr<std::unique_ptr<ComponentInput>> Open(
      Session& session, const ComponentOptions& options);

  const ComponentTree& tree() const { return tree_; }
  // Of the first root, and how many more: "acme.org/x:1.0.0 and 2 more".
  std::string Title() const;
  // Resources of the whole tree.
  size_t ResourceCount() const;

  // Reads all content: blocks. This must outlive it.
  absl::StatusOr<TreeDigest> Digests(HashAlgorithm hash);

 private:
  explicit ComponentInput(Session& session) : session_(session) {}
  absl::StatusOr<ComponentRepository*> OpenRepository(
      const ComponentReference& reference);

  Session& session_;
  std::unique_ptr<OciRegistries> registries_;
  std::vector<std::unique_ptr<ComponentRepository>> repositories_;
  ComponentTree tree_;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_COMPONENT_INPUT_H_
