// Leaves of the record as the wire's events, and the filter of a listing. Pure.
#ifndef COUNTERSIGN_SERVER_CONVERT_EVENT_H_
#define COUNTERSIGN_SERVER_CONVERT_EVENT_H_

#include "absl/status/statusor.h"
#include "core/store.h"
#include "countersign/v1/audit_service.pb.h"

namespace countersign::server {

// INTERNAL where the leaf cannot be read: the database was changed by others.
absl::StatusOr<v1::Event> ToWire(const core::Leaf& leaf);

// Conditions only; limit and first leaf are the handler's. INVALID_ARGUMENT
// BAD_REQUEST: unknown event types, times out of range.
absl::StatusOr<core::LeafQuery> FromWire(
    const v1::ListEventsRequest::Filter& filter);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_CONVERT_EVENT_H_
