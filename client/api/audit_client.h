// Calls of AuditService and IdentityService. What they answer is checked by the
// caller (audit/verify_log.h). Borrows a connection; every method blocks.
#ifndef COUNTERSIGN_CLIENT_API_AUDIT_CLIENT_H_
#define COUNTERSIGN_CLIENT_API_AUDIT_CLIENT_H_

#include <cstdint>
#include <functional>

#include "absl/status/statusor.h"
#include "client/api/connection.h"
#include "countersign/v1/audit_service.pb.h"
#include "countersign/v1/identity_service.pb.h"

namespace countersign::client {

class AuditClient {
 public:
  // `connection` must outlive this.
  explicit AuditClient(Connection& connection) : connection_(connection) {}

  // Gives each event to `take` in order, page after page, until it answers
  // false or there are no more.
  absl::Status ListEvents(const v1::ListEventsRequest::Filter& filter,
                          const std::function<bool(const v1::Event&)>& take);
  absl::StatusOr<v1::Checkpoint> GetCheckpoint();
  absl::StatusOr<v1::ConsistencyProof> GetConsistencyProof(int64_t first_size,
                                                           int64_t second_size);

 private:
  Connection& connection_;
};

// How the server sees the caller.
absl::StatusOr<v1::Caller> GetCaller(Connection& connection);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_API_AUDIT_CLIENT_H_
