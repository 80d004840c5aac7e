// Reading the log: leaves by their columns, and the integrated tree. Called by
// SqliteStore.
#ifndef COUNTERSIGN_STORAGE_LEAF_QUERY_H_
#define COUNTERSIGN_STORAGE_LEAF_QUERY_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "core/store.h"
#include "storage/sqlite.h"

namespace countersign::storage {

// Both block on the disk.
absl::StatusOr<std::vector<core::Leaf>> SelectLeaves(
    Database& db, const core::LeafQuery& query);
// Wants an open transaction, so that all is of one moment.
absl::StatusOr<core::TreeSnapshot> SelectTree(
    Database& db, absl::Span<const core::TileId> tiles);

}  // namespace countersign::storage

#endif  // COUNTERSIGN_STORAGE_LEAF_QUERY_H_
