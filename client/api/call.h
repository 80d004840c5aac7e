// One unary call with deadline, retries and interruption: the loop that every
// client class of this room goes through. Includes gRPC: only for .cc files.
#ifndef COUNTERSIGN_CLIENT_API_CALL_H_
#define COUNTERSIGN_CLIENT_API_CALL_H_

#include <functional>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "client/api/attempts.h"
#include "client/api/call_token.h"
#include "client/api/cancel_on_interrupt.h"
#include "client/api/connection.h"
#include "client/api/rpc_status.h"
#include "grpcpp/client_context.h"

namespace countersign::client {

struct CallRules {
  // Of all attempts and pauses together.
  absl::Duration timeout;
  Repeat repeat = Repeat::kIfNotBegun;
  // A failure that the caller goes on with in another way; no more is tried.
  std::function<bool(const absl::Status&)> enough = [](const absl::Status&) {
    return false;
  };
};

// Blocks. `method` is a method of the generated stub interface.
template <typename Stub, typename Request, typename Response>
absl::StatusOr<Response> CallBy(
    const CallRules& rules, Connection& connection, Stub& stub,
    grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                 Response*),
    const Request& request) {
  Attempts attempts(rules.timeout, connection.options().retry, rules.repeat);
  CallToken token(connection.token_source());
  while (true) {
    if (connection.options().interrupted()) return InterruptedError();
    Response response;
    absl::Status status;
    const absl::Duration began = base::SteadyNow();
    {
      grpc::ClientContext context;
      context.set_deadline(
          absl::ToChronoTime(connection.clock().Now() + attempts.Left()));
      CancelOnInterrupt watcher(context, connection.options().interrupted);
      status = token.AddTo(context);
      if (status.ok()) {
        status = connection.Explain(
            FromGrpcStatus((stub.*method)(&context, request, &response)));
      }
    }
    if (status.ok()) return response;
    if (connection.options().interrupted()) return InterruptedError();
    const absl::StatusOr<bool> renewed = token.RenewAfter(status);
    if (!renewed.ok()) return renewed.status();
    if (*renewed) {
      attempts.Again(base::SteadyNow() - began);
      continue;
    }
    const std::optional<absl::Duration> pause =
        attempts.Failed(status, base::SteadyNow() - began, connection.Chance());
    if (!pause.has_value() || rules.enough(status)) {
      return attempts.Result(status);
    }
    connection.options().retrying(status, *pause);
    const absl::Status paused = connection.Pause(*pause);
    if (!paused.ok()) return paused;
  }
}

// The same with the connection's own timeout.
template <typename Stub, typename Request, typename Response>
absl::StatusOr<Response> Call(Connection& connection, Repeat repeat, Stub& stub,
                              grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                           const Request&,
                                                           Response*),
                              const Request& request) {
  return CallBy({connection.options().call_timeout, repeat}, connection, stub,
                method, request);
}

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_API_CALL_H_
