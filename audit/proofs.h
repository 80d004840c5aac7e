// Inclusion and consistency proofs (RFC 9162 2.1.3, 2.1.4; the same as RFC
// 6962's): what they are made of, and their checks. Making them from tiles is
// in proof_service.h. Pure; the client checks with it.
#ifndef COUNTERSIGN_AUDIT_PROOFS_H_
#define COUNTERSIGN_AUDIT_PROOFS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "audit/merkle_tree.h"

namespace countersign::audit {

// The subtrees whose hashes are the proof, in its order.
// INVALID_ARGUMENT, reason BAD_PROOF_RANGE, unless leaf < size.
absl::StatusOr<std::vector<LeafRange>> InclusionRanges(uint64_t leaf,
                                                       uint64_t size);
// The same, unless 0 < first <= second. Empty where they are equal.
absl::StatusOr<std::vector<LeafRange>> ConsistencyRanges(uint64_t first,
                                                         uint64_t second);

// The hashes of those subtrees.
absl::StatusOr<std::vector<std::string>> ReadProof(
    const std::vector<LeafRange>& ranges, const NodeReader& read);

// OK where `proof` shows that the leaf of that hash is number `leaf` of the
// tree with `size` leaves and that root (RFC 9162 2.1.3.2). INVALID_ARGUMENT,
// reason BAD_PROOF, otherwise.
absl::Status VerifyInclusion(absl::string_view leaf_hash, uint64_t leaf,
                             uint64_t size,
                             const std::vector<std::string>& proof,
                             absl::string_view root);

// OK where `proof` shows that the first tree is the beginning of the second
// (RFC 9162 2.1.4.2). A first size of 0 says nothing and is refused; equal
// sizes need equal roots and an empty proof. INVALID_ARGUMENT, BAD_PROOF,
// otherwise.
absl::Status VerifyConsistency(uint64_t first, absl::string_view first_root,
                               uint64_t second, absl::string_view second_root,
                               const std::vector<std::string>& proof);

}  // namespace countersign::audit

#endif  // COUNTERSIGN_AUDIT_PROOFS_H_
