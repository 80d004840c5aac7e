// Proofs out of a store's tiles, for the audit service. They are made, not
// trusted: whoever asks checks them with proofs.h against a signed checkpoint.
#ifndef COUNTERSIGN_AUDIT_PROOF_SERVICE_H_
#define COUNTERSIGN_AUDIT_PROOF_SERVICE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/store.h"

namespace countersign::audit {

// Both block on the store. INVALID_ARGUMENT, reason BAD_PROOF_RANGE: numbers
// that make no sense together. FAILED_PRECONDITION, NOT_INTEGRATED: the tree
// has not that size yet. INTERNAL, TREE_DAMAGED: a tile is missing.

// That leaf `leaf` is in the tree of the first `size` leaves.
absl::StatusOr<std::vector<std::string>> InclusionProof(core::Store& store,
                                                        uint64_t leaf,
                                                        uint64_t size);
// That the tree of `first` leaves is the beginning of that of `second`.
absl::StatusOr<std::vector<std::string>> ConsistencyProof(core::Store& store,
                                                          uint64_t first,
                                                          uint64_t second);

}  // namespace countersign::audit

#endif  // COUNTERSIGN_AUDIT_PROOF_SERVICE_H_
