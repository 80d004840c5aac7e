#include "audit/proofs.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "audit/merkle_tree.h"
#include "audit/tree_vectors.h"
#include "base/encoding.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::audit {
namespace {

using base::HasReason;
using base::HexEncode;

using Hashes = std::vector<std::string>;

NodeReader Over(const Hashes& hashes) {
  return [&hashes](const Node& node) {
    return DefinedRoot(hashes, node.index << node.level,
                       (node.index + 1) << node.level);
  };
}

Hashes Inclusion(const Hashes& hashes, uint64_t leaf, uint64_t size) {
  const auto ranges = InclusionRanges(leaf, size);
  EXPECT_OK(ranges);
  const auto proof = ReadProof(*ranges, Over(hashes));
  EXPECT_OK(proof);
  return *proof;
}

Hashes Consistency(const Hashes& hashes, uint64_t first, uint64_t second) {
  const auto ranges = ConsistencyRanges(first, second);
  EXPECT_OK(ranges);
  const auto proof = ReadProof(*ranges, Over(hashes));
  EXPECT_OK(proof);
  return *proof;
}

Hashes Hex(const Hashes& proof) {
  Hashes out;
  for (const std::string& hash : proof) out.push_back(HexEncode(hash));
  return out;
}

Hashes ReferenceHashes() {
  Hashes hashes;
  for (const char* leaf : kReferenceLeaves) {
    hashes.push_back(HashLeaf(base::HexDecode(leaf).value()));
  }
  return hashes;
}

TEST(InclusionProof, ReproducesTheReferenceTree) {
  const Hashes hashes = ReferenceHashes();
  EXPECT_THAT(Inclusion(hashes, 0, 1), testing::IsEmpty());
  EXPECT_EQ(
      Hex(Inclusion(hashes, 5, 7)),
      (Hashes{
          "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
          "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
          "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}));
  EXPECT_EQ(
      Hex(Inclusion(hashes, 6, 7)),
      (Hashes{
          "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
          "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}));
  EXPECT_EQ(
      Hex(Inclusion(hashes, 0, 8)),
      (Hashes{
          "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
          "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
          "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6"
          "e4"}));
}

TEST(ConsistencyProof, ReproducesTheReferenceTree) {
  const Hashes hashes = ReferenceHashes();
  EXPECT_EQ(
      Hex(Consistency(hashes, 2, 5)),
      (Hashes{
          "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
          "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}));
  EXPECT_EQ(
      Hex(Consistency(hashes, 3, 7)),
      (Hashes{
          "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7",
          "07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7",
          "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
          "837dbb152e9b079010717e84e865da4ebc0fa198a806d59d31bf15accef22d0e"}));
  EXPECT_EQ(
      Hex(Consistency(hashes, 4, 7)),
      (Hashes{
          "837dbb152e9b079010717e84e865da4ebc0fa198a806d59d31bf15accef22d0e"}));
  EXPECT_EQ(
      Hex(Consistency(hashes, 1, 8)),
      (Hashes{
          "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
          "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
          "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}));
  EXPECT_EQ(
      Hex(Consistency(hashes, 6, 8)),
      (Hashes{
          "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
          "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
          "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}));
}

TEST(InclusionProof, HoldsForEveryLeafOfEverySize) {
  const Hashes hashes = EntryHashes(0, 130);
  for (uint64_t size = 1; size <= hashes.size(); ++size) {
    const std::string root = DefinedRoot(hashes, 0, size);
    for (uint64_t leaf = 0; leaf < size; ++leaf) {
      const Hashes proof = Inclusion(hashes, leaf, size);
      ASSERT_OK(VerifyInclusion(hashes[leaf], leaf, size, proof, root))
          << leaf << " in " << size;
    }
  }
}

TEST(ConsistencyProof, HoldsForEveryPairOfSizes) {
  const Hashes hashes = EntryHashes(0, 130);
  for (uint64_t second = 1; second <= hashes.size(); ++second) {
    const std::string second_root = DefinedRoot(hashes, 0, second);
    for (uint64_t first = 1; first <= second; ++first) {
      const Hashes proof = Consistency(hashes, first, second);
      ASSERT_OK(VerifyConsistency(first, DefinedRoot(hashes, 0, first), second,
                                  second_root, proof))
          << first << " and " << second;
    }
  }
}

// What may be done to a proof so that it no longer holds.
std::vector<Hashes> Damaged(const Hashes& proof, const std::string& root) {
  std::vector<Hashes> all;
  const std::string other(32, '\x5a');
  for (const std::string& extra : {other, root, std::string()}) {
    Hashes longer = proof;
    longer.push_back(extra);
    all.push_back(longer);
    longer = proof;
    longer.insert(longer.begin(), extra);
    all.push_back(longer);
  }
  for (size_t i = 0; i < proof.size(); ++i) {
    Hashes changed = proof;
    changed[i][3] ^= 0x08;
    all.push_back(changed);
    changed = proof;
    changed[i].pop_back();
    all.push_back(changed);
    changed = proof;
    changed.erase(changed.begin() + i);
    all.push_back(changed);
  }
  return all;
}

TEST(VerifyInclusion, RefusesEveryDamage) {
  const Hashes hashes = EntryHashes(0, 40);
  for (const uint64_t size : {1, 2, 3, 7, 8, 9, 32, 40}) {
    const std::string root = DefinedRoot(hashes, 0, size);
    for (uint64_t leaf = 0; leaf < size; ++leaf) {
      const std::string& hash = hashes[leaf];
      const Hashes proof = Inclusion(hashes, leaf, size);
      for (const Hashes& damaged : Damaged(proof, root)) {
        EXPECT_THAT(VerifyInclusion(hash, leaf, size, damaged, root),
                    HasReason("BAD_PROOF"));
      }
      EXPECT_THAT(
          VerifyInclusion(hashes[(leaf + 1) % 40], leaf, size, proof, root),
          HasReason("BAD_PROOF"));
      EXPECT_THAT(VerifyInclusion(hash, leaf, size, proof, EmptyRoot()),
                  HasReason("BAD_PROOF"));
      EXPECT_THAT(VerifyInclusion(hash, leaf + 1, size, proof, root),
                  HasReason("BAD_PROOF"));
      EXPECT_THAT(VerifyInclusion(hash, leaf + size, size, proof, root),
                  HasReason("BAD_PROOF"));
      EXPECT_THAT(VerifyInclusion(hash, leaf, 0, proof, root),
                  HasReason("BAD_PROOF"));
    }
  }
}

TEST(VerifyConsistency, RefusesEveryDamage) {
  const Hashes hashes = EntryHashes(0, 40);
  for (const uint64_t second : {2, 3, 7, 8, 9, 32, 40}) {
    const std::string second_root = DefinedRoot(hashes, 0, second);
    for (uint64_t first = 1; first < second; ++first) {
      const std::string first_root = DefinedRoot(hashes, 0, first);
      const Hashes proof = Consistency(hashes, first, second);
      for (const Hashes& damaged : Damaged(proof, second_root)) {
        EXPECT_THAT(
            VerifyConsistency(first, first_root, second, second_root, damaged),
            HasReason("BAD_PROOF"))
            << first << " and " << second;
      }
      EXPECT_THAT(
          VerifyConsistency(first, EmptyRoot(), second, second_root, proof),
          HasReason("BAD_PROOF"));
      EXPECT_THAT(
          VerifyConsistency(first, first_root, second, first_root, proof),
          HasReason("BAD_PROOF"));
    }
  }
}

TEST(VerifyConsistency, TreatsEqualAndEmptySizesAsTheStandardDoes) {
  const std::string root(32, 'r');
  EXPECT_OK(VerifyConsistency(5, root, 5, root, {}));
  EXPECT_THAT(VerifyConsistency(5, root, 5, EmptyRoot(), {}),
              HasReason("BAD_PROOF"));
  EXPECT_THAT(VerifyConsistency(5, root, 5, root, {root}),
              HasReason("BAD_PROOF"));
  EXPECT_THAT(VerifyConsistency(0, EmptyRoot(), 5, root, {}),
              HasReason("BAD_PROOF"));
  EXPECT_THAT(VerifyConsistency(6, root, 5, root, {}), HasReason("BAD_PROOF"));
  EXPECT_THAT(VerifyConsistency(3, root, 5, root, {}), HasReason("BAD_PROOF"));
}

TEST(ProofRanges, RefuseNumbersThatMakeNoSense) {
  EXPECT_THAT(InclusionRanges(0, 0), HasReason("BAD_PROOF_RANGE"));
  EXPECT_THAT(InclusionRanges(5, 5), HasReason("BAD_PROOF_RANGE"));
  EXPECT_THAT(InclusionRanges(~uint64_t{0}, 5), HasReason("BAD_PROOF_RANGE"));
  EXPECT_THAT(ConsistencyRanges(0, 5), HasReason("BAD_PROOF_RANGE"));
  EXPECT_THAT(ConsistencyRanges(6, 5), HasReason("BAD_PROOF_RANGE"));
  EXPECT_THAT(ConsistencyRanges(5, 5), base::IsOkAndHolds(testing::IsEmpty()));
}

TEST(ProofRanges, HaveAnEndForTheLargestTrees) {
  const uint64_t most = ~uint64_t{0};
  ASSERT_OK_AND_ASSIGN(const auto inclusion, InclusionRanges(most - 1, most));
  EXPECT_LE(inclusion.size(), 64u);
  ASSERT_OK_AND_ASSIGN(const auto consistency,
                       ConsistencyRanges(most - 1, most));
  EXPECT_LE(consistency.size(), 65u);
}

}  // namespace
}  // namespace countersign::audit
