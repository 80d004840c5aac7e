#include "client/api/cancel_on_interrupt.h"

#include <utility>

namespace countersign::client {

CancelOnInterrupt::CancelOnInterrupt(grpc::ClientContext& context,
                                     std::function<bool()> interrupted)
    : context_(context),
      interrupted_(std::move(interrupted)),
      thread_([this] { Run(); }) {}

CancelOnInterrupt::~CancelOnInterrupt() {
  {
    base::MutexLock lock(mutex_);
    done_ = true;
  }
  changed_.SignalAll();
  thread_.join();
}

void CancelOnInterrupt::Run() {
  base::MutexLock lock(mutex_);
  while (!done_) {
    if (interrupted_()) {
      context_.TryCancel();
      return;
    }
    changed_.WaitFor(mutex_, absl::Milliseconds(50));
  }
}

}  // namespace countersign::client
