#include "hsm/expendable_thread.h"

#include <pthread.h>
#include <signal.h>

#include "absl/cleanup/cleanup.h"

namespace countersign::hsm {
namespace {

void* Run(void* argument) {
  const std::unique_ptr<std::function<void()>> work(
      static_cast<std::function<void()>*>(argument));
  (*work)();
  return nullptr;
}

}  // namespace

absl::Status StartExpendable(const std::string& name,
                             std::function<void()> work) {
  // A new thread inherits the mask of who starts it.
  sigset_t broken_pipe;
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  sigset_t before;
  pthread_sigmask(SIG_BLOCK, &broken_pipe, &before);
  const absl::Cleanup restore = [&] {
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  };
  pthread_attr_t detached;
  pthread_attr_init(&detached);
  const absl::Cleanup destroy = [&] { pthread_attr_destroy(&detached); };
  pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
  auto argument =
      std::make_unique<std::function<void()>>([name, work = std::move(work)] {
        pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
        work();
      });
  pthread_t thread;
  if (pthread_create(&thread, &detached, Run, argument.get()) != 0) {
    return absl::ResourceExhaustedError("the system gives no more threads");
  }
  argument.release();
  return absl::OkStatus();
}

}  // namespace countersign::hsm
