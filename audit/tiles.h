// The Merkle tree in tiles of 256 hashes (C2SP tlog-tiles): which tiles hold a
// node, reading nodes out of them, and growing the tree. Pure: tiles come in
// and go out as values; who stores them is integrator.h's affair.
#ifndef COUNTERSIGN_AUDIT_TILES_H_
#define COUNTERSIGN_AUDIT_TILES_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "audit/merkle_tree.h"
#include "core/store.h"

namespace countersign::audit {

// Hashes in a full tile, and levels of the tree that one tile spans.
inline constexpr int kTileWidth = 256;
inline constexpr int kTileLevels = 8;

// The tile that holds `node`, or what it is computed from.
core::TileId TileOf(const Node& node);
// The tiles that are needed to hash those ranges, each once.
std::vector<core::TileId> TilesFor(absl::Span<const LeafRange> ranges);
// The tiles at the right edge of a tree that are not full, lowest level first:
// what its root is computed from and what grows next. At most 8.
std::vector<core::TileId> EdgeTiles(uint64_t size);
// How many hashes the tile has in a tree of that size; 0 where it has none.
uint64_t TileLength(const core::TileId& id, uint64_t size);

// Tiles to read nodes from.
class TileSet {
 public:
  explicit TileSet(absl::Span<const core::Tile> tiles);

  // INTERNAL, reason TREE_DAMAGED, where its tile is not here or too short.
  absl::StatusOr<std::string> Read(const Node& node) const;
  // Borrows this set.
  NodeReader Reader() const {
    return [this](const Node& node) { return Read(node); };
  }

 private:
  std::map<std::pair<int, uint64_t>, std::string> tiles_;
};

// The root of a tree of `size` leaves from its edge tiles. INTERNAL,
// TREE_DAMAGED, where they are not exactly EdgeTiles(size) of the right length.
absl::StatusOr<std::string> RootFromEdge(uint64_t size,
                                         absl::Span<const core::Tile> edge);

struct Integration {
  uint64_t size = 0;
  std::string root;
  std::vector<core::Tile> changed;  // new or longer, by level and index
};

// The tree of `size` leaves whose edge tiles are `edge`, grown by
// `leaf_hashes`. INTERNAL as RootFromEdge.
absl::StatusOr<Integration> Integrate(
    uint64_t size, absl::Span<const core::Tile> edge,
    absl::Span<const std::string> leaf_hashes);

}  // namespace countersign::audit

#endif  // COUNTERSIGN_AUDIT_TILES_H_
