#include "audit/merkle_tree.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "audit/tree_vectors.h"
#include "base/encoding.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::audit {
namespace {

using base::HexEncode;
using base::IsOkAndHolds;

TEST(MerkleTree, HasTheEmptyRootOfTheStandard) {
  EXPECT_EQ(HexEncode(EmptyRoot()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(MerkleTree, TellsLeavesFromNodes) {
  const std::string left(32, 'l');
  const std::string right(32, 'r');
  EXPECT_NE(HashLeaf(left + right), HashChildren(left, right));
  EXPECT_NE(HashChildren(left, right), HashChildren(right, left));
}

TEST(RootBuilder, ReproducesTheReferenceTree) {
  RootBuilder builder;
  EXPECT_EQ(HexEncode(builder.Root()), kReferenceRoots[0]);
  for (size_t n = 0; n < std::size(kReferenceLeaves); ++n) {
    ASSERT_OK_AND_ASSIGN(const std::string leaf,
                         base::HexDecode(kReferenceLeaves[n]));
    builder.Add(HashLeaf(leaf));
    EXPECT_EQ(builder.size(), n + 1);
    EXPECT_EQ(HexEncode(builder.Root()), kReferenceRoots[n + 1]);
  }
}

TEST(RootBuilder, ReproducesLargeTrees) {
  RootBuilder builder;
  for (const SizeAndRoot& want : kEntryRoots) {
    while (builder.size() < want.size) builder.Add(EntryHash(builder.size()));
    EXPECT_EQ(HexEncode(builder.Root()), want.root) << want.size;
  }
}

TEST(RootBuilder, FollowsTheDefinitionForEverySize) {
  const std::vector<std::string> hashes = EntryHashes(0, 130);
  RootBuilder builder;
  for (uint64_t n = 0; n < hashes.size(); ++n) {
    EXPECT_EQ(builder.Root(), DefinedRoot(hashes, 0, n)) << n;
    builder.Add(hashes[n]);
  }
}

struct RangeCase {
  const char* name;
  LeafRange range;
  std::vector<Node> want;
};

class RangeNodesTest : public testing::TestWithParam<RangeCase> {};

TEST_P(RangeNodesTest, GivesCompleteSubtrees) {
  EXPECT_EQ(RangeNodes(GetParam().range), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    All, RangeNodesTest,
    testing::Values(RangeCase{"Empty", {0, 0}, {}},
                    RangeCase{"One", {0, 1}, {{0, 0}}},
                    RangeCase{"OneLater", {5, 6}, {{0, 5}}},
                    RangeCase{"PowerOfTwo", {8, 16}, {{3, 1}}},
                    RangeCase{"Seven", {0, 7}, {{2, 0}, {1, 2}, {0, 6}}},
                    RangeCase{"SevenLater", {8, 15}, {{2, 2}, {1, 6}, {0, 14}}},
                    RangeCase{"Largest", {0, uint64_t{1} << 63}, {{63, 0}}}),
    [](const auto& info) { return info.param.name; });

TEST(RangeRoot, FollowsTheDefinitionForEverySize) {
  const std::vector<std::string> hashes = EntryHashes(0, 130);
  const NodeReader read = [&](const Node& node) {
    return DefinedRoot(hashes, node.index << node.level,
                       (node.index + 1) << node.level);
  };
  for (uint64_t n = 0; n < hashes.size(); ++n) {
    EXPECT_THAT(RangeRoot({0, n}, read),
                IsOkAndHolds(DefinedRoot(hashes, 0, n)));
  }
}

TEST(RangeRoot, PassesOnTheReadersError) {
  const NodeReader read = [](const Node&) {
    return absl::StatusOr<std::string>(absl::InternalError("no tile"));
  };
  EXPECT_THAT(RangeRoot({0, 3}, read),
              base::HasCode(absl::StatusCode::kInternal));
  EXPECT_THAT(RangeRoot({0, 0}, read), IsOkAndHolds(EmptyRoot()));
}

}  // namespace
}  // namespace countersign::audit
