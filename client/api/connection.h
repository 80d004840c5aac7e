// One connection to a countersign server: TLS 1.3 with a client certificate or
// with tokens, a deadline for each call, retries of calls that may be repeated,
// and errors that say what to do.
// Not the calls themselves: those are signing_client.h and its neighbours,
// which borrow a connection.
#ifndef COUNTERSIGN_CLIENT_API_CONNECTION_H_
#define COUNTERSIGN_CLIENT_API_CONNECTION_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/random.h"
#include "client/api/connection_failure.h"
#include "client/api/credentials.h"
#include "client/api/retry.h"
#include "client/api/token_source.h"

namespace grpc {
class ChannelInterface;
}  // namespace grpc

namespace countersign::client {

struct ConnectionOptions {
  // One call with all its repetitions; streams have no deadline but the
  // caller's. Longer than a server waits for its token (limits.sign_timeout).
  absl::Duration call_timeout = absl::Minutes(1);
  // Calls that make RSA keys in a token: SoftHSM needs seconds for each.
  absl::Duration key_making_timeout = absl::Minutes(2);
  RetryPolicy retry;
  // Asked about every 50 ms while something waits; true ends it with CANCELLED
  // (INTERRUPTED).
  std::function<bool()> interrupted = [] { return false; };
  // Told before each pause between two attempts of a call.
  std::function<void(const absl::Status&, absl::Duration)> retrying =
      [](const absl::Status&, absl::Duration) {};
  // Blocks for about that long.
  std::function<void(absl::Duration)> sleep = base::SleepFor;
};

// Thread-compatible.
class Connection {
 public:
  // `server` is HOST:PORT; `server_name`, where not empty, is the name that the
  // server's certificate must have instead of HOST. Does not connect yet.
  // `clock` and `random` must outlive the connection. INVALID_ARGUMENT for a
  // `server` without a port.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(
      const std::string& server, const std::string& server_name,
      Credentials credentials, ConnectionOptions options,
      const base::Clock& clock, base::Random& random);

  // Tests: over a channel that is there.
  Connection(std::shared_ptr<grpc::ChannelInterface> channel,
             ConnectionOptions options, const base::Clock& clock,
             base::Random& random,
             std::unique_ptr<TokenSource> token_source = nullptr);

  const std::shared_ptr<grpc::ChannelInterface>& channel() const {
    return channel_;
  }
  const ConnectionOptions& options() const { return options_; }
  const base::Clock& clock() const { return clock_; }
  base::Random& random() { return random_; }
  // Nullptr: calls carry no token.
  TokenSource* token_source() const { return token_source_.get(); }
  // "certificate CN=ci, issued by CN=Dev CA", or which token; for messages.
  std::string DescribeIdentity() const;

  // A number in [0, 1) for jitter.
  double Chance();
  // Blocks for `duration`; CANCELLED (INTERRUPTED) where it was cut short.
  absl::Status Pause(absl::Duration duration);
  // A failure to connect, told in the user's words: nobody answers, the server
  // is not the one we trust, the server does not take our certificate. Other
  // errors stay as they are.
  absl::Status Explain(const absl::Status& status) const;

 private:
  std::shared_ptr<grpc::ChannelInterface> channel_;
  ConnectionOptions options_;
  const base::Clock& clock_;
  base::Random& random_;
  const std::unique_ptr<TokenSource> token_source_;
  Endpoint endpoint_;
};

// CANCELLED, reason INTERRUPTED.
absl::Status InterruptedError();

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_API_CONNECTION_H_
