// One unary call with deadline, retries and interruption: the loop that every
// client class of this room goes through. Includes gRPC: only for .cc files.
#ifndef COUNTERSIGN_CLIENT_API_CALL_H_
#define COUNTERSIGN_CLIENT_API_CALL_H_

#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/api/cancel_on_interrupt.h"
#include "client/api/connection.h"
#include "client/api/retry.h"
#include "client/api/rpc_status.h"
#include "grpcpp/client_context.h"

namespace countersign::client {

// Whether a second call of the same content does no harm: reads, and creations
// with a request_id.
enum class Repeat { kHarmless, kNever };

// Blocks. `method` is a method of the generated stub interface; `timeout` is
// for each attempt.
template <typename Stub, typename Request, typename Response>
absl::StatusOr<Response> CallFor(
    absl::Duration timeout, Connection& connection, Repeat repeat, Stub& stub,
    grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                 Response*),
    const Request& request) {
  for (int attempt = 1;; ++attempt) {
    if (connection.options().interrupted()) return InterruptedError();
    Response response;
    absl::Status status;
    {
      grpc::ClientContext context;
      context.set_deadline(
          absl::ToChronoTime(connection.clock().Now() + timeout));
      CancelOnInterrupt watcher(context, connection.options().interrupted);
      status = FromGrpcStatus((stub.*method)(&context, request, &response));
    }
    if (status.ok()) return response;
    if (connection.options().interrupted()) return InterruptedError();
    std::optional<absl::Duration> delay;
    if (repeat == Repeat::kHarmless) {
      delay = RetryDelay(connection.options().retry, attempt, status,
                         connection.Chance());
    }
    if (!delay.has_value()) return connection.Explain(status);
    const absl::Status pause = connection.Pause(*delay);
    if (!pause.ok()) return pause;
  }
}

// The same with the connection's own timeout.
template <typename Stub, typename Request, typename Response>
absl::StatusOr<Response> Call(Connection& connection, Repeat repeat, Stub& stub,
                              grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                           const Request&,
                                                           Response*),
                              const Request& request) {
  return CallFor(connection.options().call_timeout, connection, repeat, stub,
                 method, request);
}

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_API_CALL_H_
