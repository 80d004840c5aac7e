#include "audit/proof_service.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "audit/proofs.h"
#include "audit/tiles.h"
#include "base/error.h"
#include "base/status_macros.h"

namespace countersign::audit {
namespace {

// Nodes of a tree of `size` leaves stay what they are when it grows, so newer
// tiles serve as well.
absl::StatusOr<std::vector<std::string>> Prove(
    core::Store& store, const std::vector<LeafRange>& ranges, uint64_t size) {
  ASSIGN_OR_RETURN(const core::TreeSnapshot tree,
                   store.ReadTree(TilesFor(ranges)));
  if (size > tree.size) {
    return base::MakeError(
        absl::StatusCode::kFailedPrecondition,
        absl::StrCat("the tree has ", tree.size, " leaves, not ", size,
                     "; ask for a size up to that of the checkpoint"),
        {"NOT_INTEGRATED", {{"size", absl::StrCat(tree.size)}}, {}, {}, {}});
  }
  const TileSet tiles(tree.tiles);
  return ReadProof(ranges, tiles.Reader());
}

}  // namespace

absl::StatusOr<std::vector<std::string>> InclusionProof(core::Store& store,
                                                        uint64_t leaf,
                                                        uint64_t size) {
  ASSIGN_OR_RETURN(const std::vector<LeafRange> ranges,
                   InclusionRanges(leaf, size));
  return Prove(store, ranges, size);
}

absl::StatusOr<std::vector<std::string>> ConsistencyProof(core::Store& store,
                                                          uint64_t first,
                                                          uint64_t second) {
  ASSIGN_OR_RETURN(const std::vector<LeafRange> ranges,
                   ConsistencyRanges(first, second));
  return Prove(store, ranges, second);
}

}  // namespace countersign::audit
