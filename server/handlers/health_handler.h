// grpc.health.v1.Health on the wire, for load balancers and probes. Anybody who
// can connect is answered, in a group or not: the answer tells no more than a
// try to sign would. So there is no admission, and nothing to deny: no answer
// is a denial in the record, and probes, which come every few seconds, write no
// log line. What has a name of the site's own ("tokens/main") is for
// connections with a certificate, and so is Watch, whose places strangers could
// take. It is ours and not gRPC's own because that
// one serves by callbacks, whose threads take part in polling every connection
// and are not clean under ThreadSanitizer.
#ifndef COUNTERSIGN_SERVER_HANDLERS_HEALTH_HANDLER_H_
#define COUNTERSIGN_SERVER_HANDLERS_HEALTH_HANDLER_H_

#include "base/mutex.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/grpcpp.h"
#include "server/health_board.h"

namespace countersign::server {

// Thread-safe.
class HealthHandler final : public grpc::health::v1::Health::Service {
 public:
  // `board` must outlive it.
  explicit HealthHandler(HealthBoard& board) : board_(board) {}

  // NOT_FOUND where the board does not know the service.
  grpc::Status Check(grpc::ServerContext* context,
                     const grpc::health::v1::HealthCheckRequest* request,
                     grpc::health::v1::HealthCheckResponse* response) override;
  // Blocks until the caller goes away (it is looked for each second), or the
  // board closes: UNAVAILABLE SERVER_STOPPING after the last status. At most 16
  // are open, because each holds a thread: RESOURCE_EXHAUSTED OVERLOADED.
  // UNAUTHENTICATED NO_CREDENTIAL without a certificate.
  grpc::Status Watch(grpc::ServerContext* context,
                     const grpc::health::v1::HealthCheckRequest* request,
                     grpc::ServerWriter<grpc::health::v1::HealthCheckResponse>*
                         writer) override ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // False where all places are taken.
  bool TakePlace() ABSL_LOCKS_EXCLUDED(mutex_);
  void LeavePlace() ABSL_LOCKS_EXCLUDED(mutex_);

  HealthBoard& board_;
  base::Mutex mutex_;
  int watches_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_HANDLERS_HEALTH_HANDLER_H_
