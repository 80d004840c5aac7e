// Calls that hold no thread: one completion queue, one loop, and call objects
// that are told when an operation of theirs has ended. The hot call and the
// long one live here; measured against threads in docs/adr/0004.
#ifndef COUNTERSIGN_SERVER_ASYNC_CALL_H_
#define COUNTERSIGN_SERVER_ASYNC_CALL_H_

#include "grpcpp/completion_queue.h"
#include "server/tsan.h"

namespace countersign::server {

// Owns itself: it is gone after the last of its operations.
class AsyncCall {
 public:
  // What gRPC gives back when an operation ends: whose it is and which.
  struct Tag {
    AsyncCall* call;
    int operation;  // the call's own numbers
  };

  virtual ~AsyncCall() = default;

  // From the loop. `ok` is gRPC's: false where the operation did not happen.
  virtual void OnEnd(int operation, bool ok) = 0;
};

// Blocks until the queue is shut down and empty. One thread of app.cc.
inline void RunCompletionQueue(grpc::ServerCompletionQueue& queue) {
  void* tag = nullptr;
  bool ok = false;
  while (queue.Next(&tag, &ok)) {
    AfterOperation(tag);
    const auto* ended = static_cast<AsyncCall::Tag*>(tag);
    ended->call->OnEnd(ended->operation, ok);
  }
}

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_ASYNC_CALL_H_
