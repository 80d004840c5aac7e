#include "audit/integrator.h"

#include "absl/strings/str_cat.h"
#include "audit/checkpoint.h"
#include "audit/merkle_tree.h"
#include "audit/tiles.h"
#include "base/error.h"
#include "base/status_macros.h"

namespace countersign::audit {
namespace {

absl::Status Damaged(absl::string_view why) {
  return base::MakeError(
      absl::StatusCode::kInternal,
      absl::StrCat("the log is damaged and must not grow: ", why),
      {"TREE_DAMAGED", {}, {}, {}, {}});
}

}  // namespace

absl::StatusOr<Integrator::Stored> Integrator::ReadChecked() {
  ASSIGN_OR_RETURN(core::TreeSnapshot tree, store_.ReadTree({}));
  Stored stored{tree.leaves, tree.size, {}};
  if (stored.size < seen_size_ || stored.size > stored.leaves) {
    return Damaged(absl::StrCat("its tree has size ", stored.size, " with ",
                                stored.leaves, " leaves, and had size ",
                                seen_size_));
  }
  if (stored.size == 0) {
    if (!tree.checkpoint.empty()) return Damaged("a checkpoint of nothing");
    return stored;
  }
  const auto checkpoint = OpenCheckpoint(tree.checkpoint, signer_.verifier());
  if (!checkpoint.ok()) {
    return Damaged(
        absl::StrCat("the stored checkpoint: ", checkpoint.status().message()));
  }
  if (checkpoint->size != stored.size) {
    return Damaged(absl::StrCat("the checkpoint has size ", checkpoint->size,
                                ", the tree ", stored.size));
  }
  ASSIGN_OR_RETURN(tree, store_.ReadTree(EdgeTiles(stored.size)));
  if (tree.size != stored.size) {
    return Damaged("the tree was changed by somebody else");
  }
  ASSIGN_OR_RETURN(const std::string root,
                   RootFromEdge(stored.size, tree.tiles));
  if (root != checkpoint->root ||
      (stored.size == seen_size_ && root != seen_root_)) {
    return Damaged("the stored tiles do not have the checkpoint's root");
  }
  stored.edge = std::move(tree.tiles);
  seen_size_ = stored.size;
  seen_root_ = root;
  return stored;
}

absl::StatusOr<std::vector<std::string>> Integrator::ReadLeafHashes(
    uint64_t first) {
  core::LeafQuery query;
  query.first = first;
  query.limit = kMaxBatch;
  ASSIGN_OR_RETURN(const std::vector<core::Leaf> leaves,
                   store_.ReadLeaves(query));
  std::vector<std::string> hashes;
  hashes.reserve(leaves.size());
  for (const core::Leaf& leaf : leaves) {
    if (leaf.number != first + hashes.size()) {
      return Damaged(
          absl::StrCat("leaf ", first + hashes.size(), " is missing"));
    }
    hashes.push_back(HashLeaf(leaf.bytes));
  }
  return hashes;
}

absl::StatusOr<std::optional<core::TreeUpdate>> Integrator::Next() {
  ASSIGN_OR_RETURN(const Stored stored, ReadChecked());
  if (stored.size == stored.leaves) return std::nullopt;
  ASSIGN_OR_RETURN(const std::vector<std::string> hashes,
                   ReadLeafHashes(stored.size));
  if (hashes.empty()) {
    return Damaged(absl::StrCat("leaf ", stored.size, " is missing"));
  }
  ASSIGN_OR_RETURN(Integration grown,
                   Integrate(stored.size, stored.edge, hashes));
  core::TreeUpdate update;
  update.size = grown.size;
  update.tiles = std::move(grown.changed);
  ASSIGN_OR_RETURN(
      update.checkpoint,
      signer_.Sign(FormatCheckpoint(
          {signer_.verifier().name(), grown.size, grown.root, {}})));
  return update;
}

}  // namespace countersign::audit
