// A component version and everything that it refers to, read from a repository
// and, where that does not have it, from others. Each version is there once,
// however many refer to it. Not digests (tree_digest.h). Called by the
// component-version commands.
#ifndef COUNTERSIGN_CLIENT_OCM_COMPONENT_TREE_H_
#define COUNTERSIGN_CLIENT_OCM_COMPONENT_TREE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/artifact/component_descriptor.h"
#include "client/ocm/component_repository.h"

namespace countersign::client {

struct ComponentVersion {
  ComponentId id;
  ComponentRepository* repository;  // where it was found
  std::string text;
  ComponentDescriptor descriptor;
  // For each reference of the descriptor, its place in the tree.
  std::vector<size_t> references;
};

struct ComponentTree {
  // Who is referred to stands before who refers.
  std::vector<ComponentVersion> versions;
  std::vector<size_t> roots;
};

struct TreeLimits {
  size_t max_versions = 1000;    // what one signing request can hold
  size_t max_bytes = 256 << 20;  // of all descriptors together
};

// `repositories` (not empty; they must outlive the tree) are asked in order;
// `roots` are read from the first one only. Blocks. NOT_FOUND
// (COMPONENT_VERSION_UNKNOWN) with the way of references to what is missing and
// where it was looked for; INVALID_ARGUMENT: COMPONENT_CYCLE, TREE_TOO_LARGE,
// COMPONENT_VERSION_MISMATCH (a descriptor says that it is another one), and
// the reasons of ComponentDescriptor::Parse.
absl::StatusOr<ComponentTree> LoadComponentTree(
    const std::vector<ComponentId>& roots,
    const std::vector<ComponentRepository*>& repositories,
    const TreeLimits& limits = {});

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCM_COMPONENT_TREE_H_
