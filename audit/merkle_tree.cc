#include "audit/merkle_tree.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/openssl.h"
#include "base/status_macros.h"

namespace countersign::audit {

std::string HashLeaf(absl::string_view leaf) {
  return base::Sha256(absl::StrCat(absl::string_view("\0", 1), leaf));
}

std::string HashChildren(absl::string_view left, absl::string_view right) {
  return base::Sha256(absl::StrCat("\x01", left, right));
}

std::string EmptyRoot() { return base::Sha256(""); }

std::vector<Node> RangeNodes(LeafRange range) {
  std::vector<Node> nodes;
  uint64_t begin = range.begin;
  for (int level = 63; level >= 0; --level) {
    const uint64_t leaves = uint64_t{1} << level;
    if (range.end - begin < leaves) continue;
    nodes.push_back({level, begin >> level});
    begin += leaves;
  }
  return nodes;
}

absl::StatusOr<std::string> RangeRoot(LeafRange range, const NodeReader& read) {
  if (range.begin == range.end) return EmptyRoot();
  const std::vector<Node> nodes = RangeNodes(range);
  // RFC 6962 2.1: the left part is the largest power of two, so the hashes fold
  // from the right.
  ASSIGN_OR_RETURN(std::string root, read(nodes.back()));
  for (size_t i = nodes.size() - 1; i > 0; --i) {
    ASSIGN_OR_RETURN(const std::string left, read(nodes[i - 1]));
    root = HashChildren(left, root);
  }
  return root;
}

void RootBuilder::Add(absl::string_view leaf_hash) {
  std::string subtree(leaf_hash);
  // Adding one carries through the low bits that are set.
  for (uint64_t bits = size_; (bits & 1) != 0; bits >>= 1) {
    subtree = HashChildren(subtrees_.back(), subtree);
    subtrees_.pop_back();
  }
  subtrees_.push_back(std::move(subtree));
  ++size_;
}

std::string RootBuilder::Root() const {
  if (subtrees_.empty()) return EmptyRoot();
  std::string root = subtrees_.back();
  for (size_t i = subtrees_.size() - 1; i > 0; --i) {
    root = HashChildren(subtrees_[i - 1], root);
  }
  return root;
}

}  // namespace countersign::audit
