#include "audit/tiles.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/error.h"
#include "base/status_macros.h"

namespace countersign::audit {
namespace {

// A tree of 2^64 leaves has 8 levels of tiles.
constexpr int kMaxTileLevel = 7;

absl::Status Damaged(const core::TileId& id, absl::string_view why) {
  return base::MakeError(absl::StatusCode::kInternal,
                         absl::StrCat("tile ", id.level, "/", id.index, " ",
                                      why, "; the log must not grow"),
                         {"TREE_DAMAGED", {}, {}, {}, {}});
}

// Hashes on the tile level `level` of a tree with `size` leaves.
uint64_t HashesOn(int level, uint64_t size) {
  return size >> (level * kTileLevels);
}

// The root of a power of two of concatenated hashes.
std::string FoldHashes(absl::string_view hashes) {
  if (hashes.size() == kHashSize) return std::string(hashes);
  const size_t half = hashes.size() / 2;
  return HashChildren(FoldHashes(hashes.substr(0, half)),
                      FoldHashes(hashes.substr(half)));
}

absl::Status CheckEdge(uint64_t size, absl::Span<const core::Tile> edge) {
  const std::vector<core::TileId> ids = EdgeTiles(size);
  for (size_t i = 0; i < ids.size(); ++i) {
    if (i >= edge.size() || !(edge[i].id == ids[i])) {
      return Damaged(ids[i], "is missing");
    }
    if (edge[i].hashes.size() != TileLength(ids[i], size) * kHashSize) {
      return Damaged(ids[i], "does not have the length that the size asks for");
    }
  }
  if (edge.size() > ids.size()) {
    return Damaged(edge[ids.size()].id, "does not belong to the edge");
  }
  return absl::OkStatus();
}

}  // namespace

core::TileId TileOf(const Node& node) {
  const int level = node.level / kTileLevels;
  const uint64_t first_hash = node.index << (node.level % kTileLevels);
  return {level, first_hash / kTileWidth};
}

std::vector<core::TileId> TilesFor(absl::Span<const LeafRange> ranges) {
  std::vector<core::TileId> ids;
  for (const LeafRange& range : ranges) {
    for (const Node& node : RangeNodes(range)) {
      const core::TileId id = TileOf(node);
      if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
    }
  }
  return ids;
}

std::vector<core::TileId> EdgeTiles(uint64_t size) {
  std::vector<core::TileId> ids;
  for (int level = 0; level <= kMaxTileLevel; ++level) {
    const uint64_t hashes = HashesOn(level, size);
    if (hashes % kTileWidth != 0) ids.push_back({level, hashes / kTileWidth});
  }
  return ids;
}

uint64_t TileLength(const core::TileId& id, uint64_t size) {
  const uint64_t hashes = HashesOn(id.level, size);
  const uint64_t full = hashes / kTileWidth;
  if (id.index < full) return kTileWidth;
  return id.index == full ? hashes % kTileWidth : 0;
}

TileSet::TileSet(absl::Span<const core::Tile> tiles) {
  for (const core::Tile& tile : tiles) {
    tiles_[{tile.id.level, tile.id.index}] = tile.hashes;
  }
}

absl::StatusOr<std::string> TileSet::Read(const Node& node) const {
  const core::TileId id = TileOf(node);
  const auto tile = tiles_.find({id.level, id.index});
  if (tile == tiles_.end()) return Damaged(id, "is missing");
  const int inside = node.level % kTileLevels;
  const size_t begin = (node.index << inside) % kTileWidth * kHashSize;
  const size_t length = (size_t{1} << inside) * kHashSize;
  if (begin + length > tile->second.size()) return Damaged(id, "is too short");
  return FoldHashes(absl::string_view(tile->second).substr(begin, length));
}

absl::StatusOr<std::string> RootFromEdge(uint64_t size,
                                         absl::Span<const core::Tile> edge) {
  RETURN_IF_ERROR(CheckEdge(size, edge));
  const TileSet tiles(edge);
  return RangeRoot({0, size}, tiles.Reader());
}

absl::StatusOr<Integration> Integrate(
    uint64_t size, absl::Span<const core::Tile> edge,
    absl::Span<const std::string> leaf_hashes) {
  RETURN_IF_ERROR(CheckEdge(size, edge));
  Integration out;
  out.size = size + leaf_hashes.size();
  // Tiles of the new edge that were not touched: the root needs them too.
  std::vector<core::Tile> new_edge;
  std::vector<std::string> hashes(leaf_hashes.begin(), leaf_hashes.end());
  for (int level = 0; level <= kMaxTileLevel; ++level) {
    core::Tile tile{{level, HashesOn(level, size) / kTileWidth}, ""};
    for (const core::Tile& old : edge) {
      if (old.id == tile.id) tile.hashes = old.hashes;
    }
    if (hashes.empty()) {
      if (!tile.hashes.empty()) new_edge.push_back(std::move(tile));
      continue;
    }
    std::vector<std::string> next_level;
    for (const std::string& hash : hashes) {
      absl::StrAppend(&tile.hashes, hash);
      if (tile.hashes.size() < kTileWidth * kHashSize) continue;
      next_level.push_back(FoldHashes(tile.hashes));
      const core::TileId next{level, tile.id.index + 1};
      out.changed.push_back(std::exchange(tile, core::Tile{next, ""}));
    }
    if (!tile.hashes.empty()) {
      new_edge.push_back(tile);
      out.changed.push_back(std::move(tile));
    }
    hashes = std::move(next_level);
  }
  ASSIGN_OR_RETURN(out.root, RootFromEdge(out.size, new_edge));
  return out;
}

}  // namespace countersign::audit
