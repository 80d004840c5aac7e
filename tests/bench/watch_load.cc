#include "tests/bench/watch_load.h"

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "countersign/v1/signing_service.grpc.pb.h"

namespace countersign::bench {
namespace {

namespace pb = ::countersign::v1;

// Its address is the tag: first of the start, then of the first read; the
// second read stays open.
struct Watch {
  enum class Step { kStarting, kReading, kOpen, kEnded };
  Step step = Step::kStarting;
  std::unique_ptr<pb::SigningService::Stub> stub;
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientAsyncReader<pb::SigningRequest>> reader;
  pb::SigningRequest state;
  grpc::Status status;
};

// So many handshakes at a time: a burst of a thousand would measure that.
constexpr int kStartingAtOnce = 32;

}  // namespace

absl::StatusOr<HeldConnections> RunWatchLoad(const Target& target,
                                             const std::string& request,
                                             int watches) {
  pb::WatchSigningRequestRequest question;
  question.set_name(request);
  HeldConnections result;
  result.before = ReadProcessUsage(target.server_pid);

  grpc::CompletionQueue queue;
  std::vector<std::unique_ptr<Watch>> all;
  const auto start = [&] {
    all.push_back(std::make_unique<Watch>());
    Watch& watch = *all.back();
    watch.stub = pb::SigningService::NewStub(OpenChannel(target));
    watch.reader = watch.stub->AsyncWatchSigningRequest(
        &watch.context, question, &queue, &watch);
  };
  for (int i = 0; i < watches && i < kStartingAtOnce; ++i) start();

  absl::Status status;
  void* tag = nullptr;
  bool ok = false;
  while (status.ok() && result.connections < watches && queue.Next(&tag, &ok)) {
    Watch& watch = *static_cast<Watch*>(tag);
    if (!ok) {
      status = absl::UnavailableError(
          absl::StrCat("watch ", result.connections + 1, " of ", watches,
                       " ended before its first state"));
    } else if (watch.step == Watch::Step::kStarting) {
      watch.step = Watch::Step::kReading;
      watch.reader->Read(&watch.state, &watch);
    } else if (watch.step == Watch::Step::kReading) {
      watch.step = Watch::Step::kOpen;
      ++result.connections;
      watch.reader->Read(&watch.state, &watch);
      if (static_cast<int>(all.size()) < watches) start();
    } else {
      status = absl::InternalError("a watch of a pending request went on");
    }
  }
  if (status.ok()) result.open = ReadProcessUsage(target.server_pid);

  for (const auto& watch : all) watch->context.TryCancel();
  queue.Shutdown();
  while (queue.Next(&tag, &ok)) {
  }
  if (!status.ok()) return status;
  return result;
}

}  // namespace countersign::bench
