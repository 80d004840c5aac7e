// AuditService on the wire: the record, its checkpoint and its proofs. It
// shows; it proves nothing by itself.
#ifndef COUNTERSIGN_SERVER_HANDLERS_AUDIT_HANDLER_H_
#define COUNTERSIGN_SERVER_HANDLERS_AUDIT_HANDLER_H_

#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "audit/signed_note.h"
#include "countersign/v1/audit_service.grpc.pb.h"
#include "server/handlers/parts.h"

namespace countersign::server {

// Thread-safe. What `parts` refers to must outlive it.
class AuditHandler final : public v1::AuditService::Service {
 public:
  // `verifier` is the log's: its line goes out with each checkpoint.
  AuditHandler(HandlerParts parts, audit::NoteVerifier verifier)
      : parts_(parts), verifier_(std::move(verifier)) {}

  grpc::Status ListEvents(grpc::ServerContext* context,
                          const v1::ListEventsRequest* request,
                          v1::ListEventsResponse* response) override;
  grpc::Status GetCheckpoint(grpc::ServerContext* context,
                             const v1::GetCheckpointRequest* request,
                             v1::Checkpoint* response) override;
  grpc::Status GetInclusionProof(grpc::ServerContext* context,
                                 const v1::GetInclusionProofRequest* request,
                                 v1::InclusionProof* response) override;
  grpc::Status GetConsistencyProof(
      grpc::ServerContext* context,
      const v1::GetConsistencyProofRequest* request,
      v1::ConsistencyProof* response) override;

 private:
  absl::Status List(const Call& call, const v1::ListEventsRequest& request,
                    v1::ListEventsResponse* response);
  // `asked`, or the newest checkpoint's size where it is 0.
  absl::StatusOr<uint64_t> TreeSize(int64_t asked);

  HandlerParts parts_;
  const audit::NoteVerifier verifier_;
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_HANDLERS_AUDIT_HANDLER_H_
