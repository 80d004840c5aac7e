// Listing signing requests: the SQL of a query's conditions, and the cursor
// that leads to its next page. Called by SqliteStore.
#ifndef COUNTERSIGN_STORAGE_REQUEST_QUERY_H_
#define COUNTERSIGN_STORAGE_REQUEST_QUERY_H_

#include "absl/status/statusor.h"
#include "core/signing_request.h"
#include "core/store.h"
#include "storage/sqlite.h"

namespace countersign::storage {

// One page, from one snapshot. INVALID_ARGUMENT, reason BAD_PAGE_TOKEN, for a
// cursor that was not made for these conditions. Blocks.
absl::StatusOr<core::Page<core::SigningRequest>> SelectRequests(
    Database& db, const core::RequestQuery& query);

}  // namespace countersign::storage

#endif  // COUNTERSIGN_STORAGE_REQUEST_QUERY_H_
