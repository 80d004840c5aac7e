// WatchSigningRequest on the completion queue: the request as it is now, where
// that is newer than what the caller has seen, then each change, until its
// state is final. An open watch is one object and one entry of the hub; a
// thousand of them cost no thread.
#ifndef COUNTERSIGN_SERVER_ASYNC_WATCH_H_
#define COUNTERSIGN_SERVER_ASYNC_WATCH_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "base/mutex.h"
#include "countersign/v1/signing_service.grpc.pb.h"
#include "grpcpp/grpcpp.h"
#include "server/async_call.h"
#include "server/front_desk.h"
#include "server/handlers/parts.h"
#include "server/handlers/signing_handler.h"
#include "server/pipeline/watch_hub.h"

namespace countersign::server {

// Changes come from the finisher, ends of operations from the loop: the state
// between them is locked; one write or finish is under way at a time.
class AsyncWatch final : public AsyncCall,
                         public std::enable_shared_from_this<AsyncWatch> {
 public:
  // Waits for one call, and after it for the next. All must outlive the queue.
  static void Listen(const HandlerParts& parts, SigningHandler& service,
                     grpc::ServerCompletionQueue& queue);

  void OnEnd(int operation, bool ok) override;

 private:
  enum Operation { kArrived, kWritten, kFinished, kDone };

  AsyncWatch(const HandlerParts& parts, SigningHandler& service,
             grpc::ServerCompletionQueue& queue);

  void Handle();
  // Listens first and reads then, so that no change falls between.
  absl::Status Begin();
  // A newer state, or nullptr: the server stops.
  void Offer(const RequestSnapshot& request) ABSL_LOCKS_EXCLUDED(mutex_);
  // Ends the stream when what is queued has been sent.
  void End(const absl::Status& status) ABSL_LOCKS_EXCLUDED(mutex_);
  // Starts the next write or the finish where none is under way.
  void Advance() ABSL_LOCKS_EXCLUDED(mutex_);
  void OnWritten(bool ok) ABSL_LOCKS_EXCLUDED(mutex_);
  void Finish(const absl::Status& status);
  // The object goes when gRPC has given back all its tags.
  void Release(bool* part) ABSL_LOCKS_EXCLUDED(mutex_);

  const HandlerParts& parts_;
  SigningHandler& service_;
  grpc::ServerCompletionQueue& queue_;
  grpc::ServerContext context_;
  v1::WatchSigningRequestRequest request_;
  v1::SigningRequest message_;  // the one that is being written
  grpc::ServerAsyncWriter<v1::SigningRequest> writer_;
  Call call_;
  std::optional<WatchHub::Ticket> ticket_;  // the loop's
  Tag arrived_{this, kArrived};
  Tag written_{this, kWritten};
  Tag finished_tag_{this, kFinished};
  Tag done_tag_{this, kDone};

  base::Mutex mutex_;
  std::deque<RequestSnapshot> queued_ ABSL_GUARDED_BY(mutex_);
  int64_t last_revision_ ABSL_GUARDED_BY(mutex_) = 0;
  bool busy_ ABSL_GUARDED_BY(mutex_) = true;  // until Handle is through
  std::optional<absl::Status> end_ ABSL_GUARDED_BY(mutex_);
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
  std::shared_ptr<AsyncWatch> self_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_ASYNC_WATCH_H_
