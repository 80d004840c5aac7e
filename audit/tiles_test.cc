#include "audit/tiles.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "audit/merkle_tree.h"
#include "audit/proofs.h"
#include "audit/tree_vectors.h"
#include "base/encoding.h"
#include "base/openssl.h"
#include "base/status_matchers.h"
#include "core/store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::audit {
namespace {

using base::HasReason;
using base::HexEncode;
using base::IsOkAndHolds;

// A store of tiles, and the tree grown over it.
class Tree {
 public:
  void Grow(uint64_t to) {
    const auto grown =
        Integrate(size_, Read(EdgeTiles(size_)), EntryHashes(size_, to));
    ASSERT_OK(grown);
    for (const core::Tile& tile : grown->changed) {
      std::string& stored = tiles_[{tile.id.level, tile.id.index}];
      // A tile only ever becomes longer.
      EXPECT_EQ(tile.hashes.substr(0, stored.size()), stored);
      EXPECT_GT(tile.hashes.size(), stored.size());
      stored = tile.hashes;
    }
    size_ = grown->size;
    root_ = grown->root;
    EXPECT_EQ(size_, to);
  }

  std::vector<core::Tile> Read(const std::vector<core::TileId>& ids) const {
    std::vector<core::Tile> out;
    for (const core::TileId& id : ids) {
      const auto found = tiles_.find({id.level, id.index});
      if (found != tiles_.end()) out.push_back({id, found->second});
    }
    return out;
  }

  uint64_t size_ = 0;
  std::string root_;
  std::map<std::pair<int, uint64_t>, std::string> tiles_;
};

TEST(Integrate, ReproducesRootsAndTilesOfALargeTree) {
  Tree tree;
  for (const SizeAndRoot& want : kEntryRoots) {
    tree.Grow(want.size);
    EXPECT_EQ(HexEncode(tree.root_), want.root) << want.size;
  }
  EXPECT_EQ(tree.tiles_.size(), 274u + 2 + 1);
  for (const TileVector& want : kEntryTiles) {
    const std::string& tile = tree.tiles_[{want.level, want.index}];
    EXPECT_EQ(tile.size(), want.hashes * kHashSize);
    EXPECT_EQ(HexEncode(base::Sha256(tile)), want.sha256);
    EXPECT_EQ(TileLength({want.level, want.index}, 70000), want.hashes);
  }
}

TEST(Integrate, GrowsByAnyStep) {
  for (const uint64_t step : {1, 7, 255, 256, 257, 600}) {
    Tree tree;
    RootBuilder builder;
    for (uint64_t n = step; n <= 1200; n += step) {
      tree.Grow(n);
      while (builder.size() < n) builder.Add(EntryHash(builder.size()));
      ASSERT_EQ(tree.root_, builder.Root()) << n << " by " << step;
    }
  }
}

TEST(Integrate, OfNothingChangesNothing) {
  Tree tree;
  tree.Grow(0);
  EXPECT_EQ(tree.root_, EmptyRoot());
  tree.Grow(300);
  const std::string root = tree.root_;
  ASSERT_OK_AND_ASSIGN(const Integration same,
                       Integrate(300, tree.Read(EdgeTiles(300)), {}));
  EXPECT_THAT(same.changed, testing::IsEmpty());
  EXPECT_EQ(same.root, root);
}

TEST(Integrate, RefusesEdgesThatDoNotFit) {
  Tree tree;
  tree.Grow(600);
  const std::vector<core::Tile> good = tree.Read(EdgeTiles(600));
  ASSERT_EQ(good.size(), 2u);
  const std::vector<std::string> more = EntryHashes(600, 601);
  ASSERT_OK(Integrate(600, good, more));
  const auto refuses = [&](const std::vector<core::Tile>& edge) {
    EXPECT_THAT(Integrate(600, edge, more), HasReason("TREE_DAMAGED"));
    EXPECT_THAT(RootFromEdge(600, edge), HasReason("TREE_DAMAGED"));
  };
  refuses({});
  refuses({good[0]});
  refuses({good[1]});
  refuses({good[1], good[0]});
  refuses({good[0], good[1], good[1]});
  std::vector<core::Tile> edge = good;
  edge[0].hashes.resize(edge[0].hashes.size() - 32);
  refuses(edge);
  edge = good;
  edge[1].hashes.append(32, 'x');
  refuses(edge);
  edge = good;
  edge[0].id.index = 1;
  refuses(edge);
}

TEST(RootFromEdge, GivesTheRootOfTheStoredTree) {
  Tree tree;
  for (const uint64_t size : {1, 255, 256, 257, 600}) {
    tree.Grow(size);
    EXPECT_THAT(RootFromEdge(size, tree.Read(EdgeTiles(size))),
                IsOkAndHolds(tree.root_))
        << size;
  }
  EXPECT_THAT(RootFromEdge(0, {}), IsOkAndHolds(EmptyRoot()));
}

struct TileCase {
  const char* name;
  Node node;
  core::TileId want;
};

class TileOfTest : public testing::TestWithParam<TileCase> {};

TEST_P(TileOfTest, FindsTheTile) {
  EXPECT_TRUE(TileOf(GetParam().node) == GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    All, TileOfTest,
    testing::Values(TileCase{"First", {0, 0}, {0, 0}},
                    TileCase{"LastOfATile", {0, 255}, {0, 0}},
                    TileCase{"NextTile", {0, 256}, {0, 1}},
                    TileCase{"HalfATile", {7, 3}, {0, 1}},
                    TileCase{"WholeTileIsOneAbove", {8, 3}, {1, 0}},
                    TileCase{"SecondOnLevelOne", {8, 256}, {1, 1}},
                    TileCase{"LevelTwo", {16, 0}, {2, 0}}),
    [](const auto& info) { return info.param.name; });

TEST(EdgeTiles, AreThoseThatAreNotFull) {
  EXPECT_TRUE(EdgeTiles(0).empty());
  EXPECT_TRUE(EdgeTiles(256 * 256) == std::vector<core::TileId>({{2, 0}}));
  EXPECT_TRUE(EdgeTiles(70000) ==
              std::vector<core::TileId>({{0, 273}, {1, 1}, {2, 0}}));
  EXPECT_EQ(EdgeTiles(~uint64_t{0}).size(), 8u);
}

TEST(TileLength, CountsHashesOfThatSize) {
  EXPECT_EQ(TileLength({0, 0}, 0), 0u);
  EXPECT_EQ(TileLength({0, 0}, 300), 256u);
  EXPECT_EQ(TileLength({0, 1}, 300), 44u);
  EXPECT_EQ(TileLength({0, 2}, 300), 0u);
  EXPECT_EQ(TileLength({1, 0}, 300), 1u);
}

// Proofs for an old size come out of the tiles of a newer tree.
TEST(TileSet, ServesProofsOfEverySizeFromTheNewestTiles) {
  Tree tree;
  tree.Grow(600);
  const std::vector<std::string> hashes = EntryHashes(0, 600);
  for (const uint64_t size : {1, 2, 255, 256, 257, 511, 512, 513, 600}) {
    const std::string root = DefinedRoot(hashes, 0, size);
    for (uint64_t n = 0; n < size; n += 13) {
      ASSERT_OK_AND_ASSIGN(const auto ranges, InclusionRanges(n, size));
      const TileSet tiles(tree.Read(TilesFor(ranges)));
      ASSERT_OK_AND_ASSIGN(const auto proof, ReadProof(ranges, tiles.Reader()));
      EXPECT_OK(VerifyInclusion(hashes[n], n, size, proof, root));

      ASSERT_OK_AND_ASSIGN(const auto older, ConsistencyRanges(n + 1, size));
      const TileSet more(tree.Read(TilesFor(older)));
      ASSERT_OK_AND_ASSIGN(const auto consistency,
                           ReadProof(older, more.Reader()));
      EXPECT_OK(VerifyConsistency(n + 1, DefinedRoot(hashes, 0, n + 1), size,
                                  root, consistency));
    }
  }
}

TEST(TileSet, ReportsWhatIsMissing) {
  Tree tree;
  tree.Grow(300);
  const TileSet tiles(tree.Read({{0, 1}}));
  EXPECT_OK(tiles.Read({0, 299}));
  EXPECT_THAT(tiles.Read({0, 300}), HasReason("TREE_DAMAGED"));
  EXPECT_THAT(tiles.Read({6, 4}), HasReason("TREE_DAMAGED"));
  EXPECT_THAT(tiles.Read({0, 0}), HasReason("TREE_DAMAGED"));
  EXPECT_THAT(tiles.Read({8, 0}), HasReason("TREE_DAMAGED"));
}

}  // namespace
}  // namespace countersign::audit
