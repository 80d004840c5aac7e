// SigningClient::Wait: the stream of a request's states, taken up after breaks.
#include <algorithm>
#include <string>

#include "base/error.h"
#include "base/status_macros.h"
#include "client/api/call_token.h"
#include "client/api/cancel_on_interrupt.h"
#include "client/api/client_error.h"
#include "client/api/integrity.h"
#include "client/api/retry.h"
#include "client/api/rpc_status.h"
#include "client/api/signing_client.h"
#include "countersign/v1/signing_service.grpc.pb.h"

namespace countersign::client {
namespace {

using v1::SigningService;

// What is known of the request, and how the newest stream ended.
struct Progress {
  v1::SigningRequest latest;
  absl::Status ended;
  bool heard = false;  // something came over the newest stream
};

absl::Status WaitEnded() {
  return base::MakeError(absl::StatusCode::kDeadlineExceeded,
                         "the wait ended before the request was decided",
                         Because("WAIT_ENDED"));
}

// One stream, to its end.
void ReadStream(Connection& connection, CallToken& token,
                const std::string& name, absl::Time deadline,
                const WatchEvents& events, Progress& progress) {
  progress.heard = false;
  v1::WatchSigningRequestRequest request;
  request.set_name(name);
  request.set_after_revision(progress.latest.revision());
  const auto stub = SigningService::NewStub(connection.channel());
  grpc::ClientContext context;
  if (deadline != absl::InfiniteFuture()) {
    context.set_deadline(absl::ToChronoTime(deadline));
  }
  CancelOnInterrupt watcher(context, connection.options().interrupted);
  progress.ended = token.AddTo(context);
  if (!progress.ended.ok()) return;
  const auto reader = stub->WatchSigningRequest(&context, request);
  v1::SigningRequest message;
  absl::Status damage;
  while (damage.ok() && reader->Read(&message)) {
    damage = CheckChecksums(message);
    if (!damage.ok()) break;
    progress.heard = true;
    progress.latest = message;
    events.changed(progress.latest);
  }
  if (!damage.ok()) context.TryCancel();
  const absl::Status finished = FromGrpcStatus(reader->Finish());
  progress.ended = damage.ok() ? finished : damage;
}

}  // namespace

absl::StatusOr<v1::SigningRequest> SigningClient::Wait(
    const std::string& name, absl::Time deadline, const WatchEvents& events) {
  // People take days, and a server may be restarted meanwhile: there is no last
  // attempt, only the caller's deadline.
  RetryPolicy policy = connection_.options().retry;
  policy.max_attempts = 1 << 30;
  Progress progress;
  CallToken token(connection_.token_source());
  int failures = 0;
  bool ever_heard = false;
  while (true) {
    if (connection_.options().interrupted()) return InterruptedError();
    if (connection_.clock().Now() >= deadline) return WaitEnded();
    ReadStream(connection_, token, name, deadline, events, progress);
    if (IsFinal(progress.latest.state())) return progress.latest;
    if (connection_.options().interrupted()) return InterruptedError();
    // A token ends, people go on reading: the next one takes the stream up.
    if (progress.heard) token.WasTaken();
    ASSIGN_OR_RETURN(const bool renewed, token.RenewAfter(progress.ended));
    if (renewed) {
      ever_heard = ever_heard || progress.heard;
      continue;
    }
    if (progress.ended.code() == absl::StatusCode::kDeadlineExceeded &&
        connection_.clock().Now() >= deadline) {
      return WaitEnded();
    }
    ever_heard = ever_heard || progress.heard;
    failures = progress.heard ? 1 : failures + 1;
    // A server that says when to come back is there.
    if (ServerDelay(progress.ended).has_value()) failures = 0;
    // A server that goes away in good order ends the stream without an error.
    if (progress.ended.ok()) {
      progress.ended = absl::UnavailableError("the stream ended early");
    }
    // Nothing was ever heard: as impatient as any other call.
    if (!ever_heard && failures >= connection_.options().retry.max_attempts) {
      return connection_.Explain(progress.ended);
    }
    const auto delay =
        RetryDelay(policy, failures, progress.ended, connection_.Chance());
    if (!delay.has_value()) return connection_.Explain(progress.ended);
    const absl::Duration pause =
        std::min(*delay, deadline - connection_.clock().Now());
    events.broken(connection_.Explain(progress.ended), pause);
    RETURN_IF_ERROR(connection_.Pause(pause));
  }
}

}  // namespace countersign::client
