// CreateSigningRequest on the completion queue: it arrives, is converted,
// becomes a flow, and answers when the flow does. Between, it is memory, not a
// thread.
#ifndef COUNTERSIGN_SERVER_ASYNC_CREATE_H_
#define COUNTERSIGN_SERVER_ASYNC_CREATE_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/flow.h"
#include "countersign/v1/signing_service.grpc.pb.h"
#include "grpcpp/grpcpp.h"
#include "server/async_call.h"
#include "server/front_desk.h"
#include "server/handlers/parts.h"
#include "server/handlers/signing_handler.h"

namespace countersign::server {

// Its parts follow each other: loop's thread, then the finisher's, then the
// loop's again.
class AsyncCreate final : public AsyncCall {
 public:
  // Waits for one call, and after it for the next. All must outlive the queue.
  static void Listen(const HandlerParts& parts, SigningHandler& service,
                     grpc::ServerCompletionQueue& queue);

  void OnEnd(int operation, bool ok) override;

 private:
  enum Operation { kArrived, kFinished };

  AsyncCreate(const HandlerParts& parts, SigningHandler& service,
              grpc::ServerCompletionQueue& queue);

  void Handle();
  // Refusals of the conversion are told only to those who may ask at all.
  absl::Status CheckMayAsk(const absl::Status& conversion) const;
  // Until when the caller waits; far away where it does not say.
  absl::Time Deadline() const;
  void Refuse(const absl::Status& status);
  void Answer(core::Answer answer);
  void Finish(const absl::Status& status);

  const HandlerParts& parts_;
  SigningHandler& service_;
  grpc::ServerCompletionQueue& queue_;
  grpc::ServerContext context_;
  v1::CreateSigningRequestRequest request_;
  v1::SigningRequest response_;
  grpc::ServerAsyncResponseWriter<v1::SigningRequest> writer_;
  Call call_;
  Tag arrived_{this, kArrived};
  Tag finished_{this, kFinished};
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_ASYNC_CREATE_H_
