// RFC 6962 2.1 (RFC 9162 2.1) Merkle tree hashing with SHA-256: leaves, nodes,
// and the root of a growing list. Tiles are in tiles.h, proofs in proofs.h.
// Used by the server and by whoever checks the log offline. Pure.
#ifndef COUNTERSIGN_AUDIT_MERKLE_TREE_H_
#define COUNTERSIGN_AUDIT_MERKLE_TREE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace countersign::audit {

// Octets of each hash.
inline constexpr size_t kHashSize = 32;

// SHA-256(0x00 || leaf).
std::string HashLeaf(absl::string_view leaf);
// SHA-256(0x01 || left || right).
std::string HashChildren(absl::string_view left, absl::string_view right);
// The root of no leaves: SHA-256 of nothing.
std::string EmptyRoot();

// The root of the complete subtree over leaves [index << level,
// (index + 1) << level): once those leaves are there, it never changes.
struct Node {
  int level = 0;
  uint64_t index = 0;
  bool operator==(const Node& o) const {
    return level == o.level && index == o.index;
  }
};
using NodeReader = std::function<absl::StatusOr<std::string>(const Node&)>;

// Leaves [begin, end) as one subtree of RFC 6962 2.1: `begin` is a multiple of
// the smallest power of two that is not below end - begin.
struct LeafRange {
  uint64_t begin = 0;
  uint64_t end = 0;
  bool operator==(const LeafRange& o) const {
    return begin == o.begin && end == o.end;
  }
};

// The complete subtrees that make up `range`, from left to right, largest
// first. At most 64.
std::vector<Node> RangeNodes(LeafRange range);
// The hash of `range`; EmptyRoot() where it is empty. Errors are the reader's.
absl::StatusOr<std::string> RangeRoot(LeafRange range, const NodeReader& read);

// The root of leaves that come one by one, in memory for 64 hashes.
class RootBuilder {
 public:
  void Add(absl::string_view leaf_hash);
  uint64_t size() const { return size_; }
  std::string Root() const;

 private:
  uint64_t size_ = 0;
  // Roots of the complete subtrees: one for each bit that is set in size_,
  // largest first.
  std::vector<std::string> subtrees_;
};

}  // namespace countersign::audit

#endif  // COUNTERSIGN_AUDIT_MERKLE_TREE_H_
