// Ends a call that is under way when the user interrupts: a signal handler may
// only set a flag, and a blocking call does not look at flags. One small thread
// for the life of the call asks every 50 ms. Used by this room's calls.
#ifndef COUNTERSIGN_CLIENT_API_CANCEL_ON_INTERRUPT_H_
#define COUNTERSIGN_CLIENT_API_CANCEL_ON_INTERRUPT_H_

#include <functional>
#include <thread>

#include "base/mutex.h"
#include "grpcpp/client_context.h"

namespace countersign::client {

class CancelOnInterrupt {
 public:
  // `context` must outlive this.
  CancelOnInterrupt(grpc::ClientContext& context,
                    std::function<bool()> interrupted);
  ~CancelOnInterrupt() ABSL_LOCKS_EXCLUDED(mutex_);
  CancelOnInterrupt(const CancelOnInterrupt&) = delete;
  CancelOnInterrupt& operator=(const CancelOnInterrupt&) = delete;

 private:
  void Run() ABSL_LOCKS_EXCLUDED(mutex_);

  grpc::ClientContext& context_;
  const std::function<bool()> interrupted_;
  base::Mutex mutex_;
  base::CondVar changed_;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_API_CANCEL_ON_INTERRUPT_H_
