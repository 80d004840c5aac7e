// Listing products: one page for SqliteStore, or all of a file that a server
// may be using at the same time.
#ifndef COUNTERSIGN_STORAGE_PRODUCT_QUERY_H_
#define COUNTERSIGN_STORAGE_PRODUCT_QUERY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/product.h"
#include "core/store.h"
#include "storage/sqlite.h"

namespace countersign::storage {

// One page, by id, with what was counted for their keys. INVALID_ARGUMENT,
// reason BAD_PAGE_TOKEN, for a cursor of another query. Blocks.
absl::StatusOr<core::Page<core::Product>> SelectProducts(
    Database& db, const core::ProductQuery& query);

// All products in the database at `path`, without the lock of SqliteStore and
// without a write, also one of an older schema that a start will migrate; none
// where the file is not there or empty. What was counted for their keys is not
// read. INTERNAL DATABASE_FAILED, and the errors of SchemaVersionOf. Blocks.
absl::StatusOr<std::vector<core::Product>> ReadProducts(
    const std::string& path);

}  // namespace countersign::storage

#endif  // COUNTERSIGN_STORAGE_PRODUCT_QUERY_H_
