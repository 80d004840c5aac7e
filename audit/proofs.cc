#include "audit/proofs.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/status_macros.h"

namespace countersign::audit {
namespace {

absl::Status BadRange(absl::string_view why) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, why,
                         {"BAD_PROOF_RANGE", {}, {}, {}, {}});
}

absl::Status BadProof(absl::string_view why) {
  return base::MakeError(absl::StatusCode::kInvalidArgument,
                         absl::StrCat("the proof does not hold: ", why),
                         {"BAD_PROOF", {}, {}, {}, {}});
}

// Largest power of two below `n`; n > 1.
uint64_t Split(uint64_t n) {
  uint64_t k = uint64_t{1} << 63;
  while (k >= n) k >>= 1;
  return k;
}

absl::Status CheckHashes(const std::vector<std::string>& proof) {
  // Two trees of 2^64 leaves need no more.
  if (proof.size() > 65) return BadProof("it is too long");
  for (const std::string& hash : proof) {
    if (hash.size() != kHashSize) return BadProof("a hash has a wrong length");
  }
  return absl::OkStatus();
}

// One node of the path from a leaf (or subtree) to the root: `fn` is its
// number on its level, `sn` the number of the level's last node.
struct Path {
  uint64_t fn;
  uint64_t sn;

  void Up() {
    fn >>= 1;
    sn >>= 1;
  }
  // True where the next hash of the proof is the left sibling.
  bool SiblingIsLeft() const { return (fn & 1) != 0 || fn == sn; }
  // The last node of a level without a sibling moves up as it is.
  void SkipLevelsWithoutSibling() {
    while ((fn & 1) == 0 && fn != 0) Up();
  }
};

}  // namespace

absl::StatusOr<std::vector<LeafRange>> InclusionRanges(uint64_t leaf,
                                                       uint64_t size) {
  if (leaf >= size) {
    return BadRange(absl::StrCat("leaf ", leaf, " is not in a tree of size ",
                                 size, "; leaf numbers are below the size"));
  }
  std::vector<LeafRange> ranges;
  LeafRange at{0, size};
  while (at.end - at.begin > 1) {
    const uint64_t middle = at.begin + Split(at.end - at.begin);
    if (leaf < middle) {
      ranges.push_back({middle, at.end});
      at.end = middle;
    } else {
      ranges.push_back({at.begin, middle});
      at.begin = middle;
    }
  }
  std::reverse(ranges.begin(), ranges.end());
  return ranges;
}

absl::StatusOr<std::vector<LeafRange>> ConsistencyRanges(uint64_t first,
                                                         uint64_t second) {
  if (first == 0 || first > second) {
    return BadRange(absl::StrCat("sizes ", first, " and ", second,
                                 "; the first must be 1 to the second"));
  }
  std::vector<LeafRange> ranges;
  // RFC 9162 2.1.4.1 SUBPROOF(m, D[begin:end], complete), from the top down.
  LeafRange at{0, second};
  bool complete = true;
  while (first != at.end) {
    const uint64_t middle = at.begin + Split(at.end - at.begin);
    if (first <= middle) {
      ranges.push_back({middle, at.end});
      at.end = middle;
    } else {
      ranges.push_back({at.begin, middle});
      at.begin = middle;
      complete = false;
    }
  }
  if (!complete) ranges.push_back(at);
  std::reverse(ranges.begin(), ranges.end());
  return ranges;
}

absl::StatusOr<std::vector<std::string>> ReadProof(
    const std::vector<LeafRange>& ranges, const NodeReader& read) {
  std::vector<std::string> proof;
  proof.reserve(ranges.size());
  for (const LeafRange& range : ranges) {
    ASSIGN_OR_RETURN(std::string hash, RangeRoot(range, read));
    proof.push_back(std::move(hash));
  }
  return proof;
}

absl::Status VerifyInclusion(absl::string_view leaf_hash, uint64_t leaf,
                             uint64_t size,
                             const std::vector<std::string>& proof,
                             absl::string_view root) {
  RETURN_IF_ERROR(CheckHashes(proof));
  if (leaf >= size) return BadProof("the leaf is not below the size");
  Path path{leaf, size - 1};
  std::string hash(leaf_hash);
  for (const std::string& sibling : proof) {
    if (path.sn == 0) return BadProof("it has too many hashes");
    if (path.SiblingIsLeft()) {
      hash = HashChildren(sibling, hash);
      path.SkipLevelsWithoutSibling();
    } else {
      hash = HashChildren(hash, sibling);
    }
    path.Up();
  }
  if (path.sn != 0) return BadProof("it has too few hashes");
  if (hash != root) return BadProof("it leads to another root");
  return absl::OkStatus();
}

absl::Status VerifyConsistency(uint64_t first, absl::string_view first_root,
                               uint64_t second, absl::string_view second_root,
                               const std::vector<std::string>& proof) {
  RETURN_IF_ERROR(CheckHashes(proof));
  if (first == 0 || first > second) {
    return BadProof("the first size must be 1 to the second");
  }
  if (first == second) {
    if (!proof.empty()) return BadProof("it has too many hashes");
    if (first_root != second_root) {
      return BadProof("the roots of one size differ");
    }
    return absl::OkStatus();
  }
  // RFC 9162 2.1.4.2: a first tree that is one complete subtree is its own
  // beginning of the path.
  std::vector<std::string> path = proof;
  if ((first & (first - 1)) == 0)
    path.insert(path.begin(), std::string(first_root));
  if (path.empty()) return BadProof("it has too few hashes");
  Path at{first - 1, second - 1};
  while ((at.fn & 1) != 0) at.Up();
  std::string first_hash = path[0];
  std::string second_hash = path[0];
  for (size_t i = 1; i < path.size(); ++i) {
    if (at.sn == 0) return BadProof("it has too many hashes");
    if (at.SiblingIsLeft()) {
      first_hash = HashChildren(path[i], first_hash);
      second_hash = HashChildren(path[i], second_hash);
      at.SkipLevelsWithoutSibling();
    } else {
      second_hash = HashChildren(second_hash, path[i]);
    }
    at.Up();
  }
  if (at.sn != 0) return BadProof("it has too few hashes");
  if (first_hash != first_root) {
    return BadProof("it leads to another root of the first tree");
  }
  if (second_hash != second_root) {
    return BadProof("it leads to another root of the second tree");
  }
  return absl::OkStatus();
}

}  // namespace countersign::audit
