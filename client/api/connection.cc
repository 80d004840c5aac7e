#include "client/api/connection.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "client/api/client_error.h"
#include "grpcpp/channel.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/channel_arguments.h"

namespace countersign::client {
namespace {

// 1000 PEM signatures with their chains are about 6 MiB; gRPC's own limit is 4.
constexpr int kMaxReceiveBytes = 64 << 20;
// Above the five minutes that gRPC servers by default ask for between pings.
constexpr int kKeepaliveMs = 330 * 1000;

absl::Status CheckServer(const std::string& server) {
  const size_t colon = server.rfind(':');
  int port = 0;
  if (colon == std::string::npos || colon == 0 ||
      !absl::SimpleAtoi(server.substr(colon + 1), &port) || port < 1 ||
      port > 65535) {
    return base::MakeError(
        absl::StatusCode::kInvalidArgument,
        absl::StrCat("server \"", server,
                     "\": HOST:PORT is needed, as in sign.example.org:7443"),
        Because("SERVER_MALFORMED"));
  }
  return absl::OkStatus();
}

grpc::ChannelArguments Arguments(const std::string& server_name) {
  grpc::ChannelArguments arguments;
  // The probe costs a round trip on links that carry a few small messages.
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  arguments.SetMaxReceiveMessageSize(kMaxReceiveBytes);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  // Our own retries pace themselves; gRPC's pause of one second would make
  // them fail without having tried.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2000);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  if (!server_name.empty()) {
    arguments.SetSslTargetNameOverride(server_name);
  }
  return arguments;
}

}  // namespace

absl::Status InterruptedError() {
  return base::MakeError(absl::StatusCode::kCancelled, "interrupted",
                         Because("INTERRUPTED"));
}

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(
    const std::string& server, const std::string& server_name,
    Credentials credentials, ConnectionOptions options,
    const base::Clock& clock, base::Random& random) {
  if (const absl::Status status = CheckServer(server); !status.ok()) {
    return status;
  }
  grpc::SslCredentialsOptions ssl;
  ssl.pem_root_certs = credentials.ca_pem;
  ssl.pem_cert_chain = credentials.certificate_pem;
  ssl.pem_private_key =
      std::string(credentials.private_key_pem.DangerouslyExpose());
  auto connection = std::make_unique<Connection>(
      grpc::CreateCustomChannel(server, grpc::SslCredentials(ssl),
                                Arguments(server_name)),
      std::move(options), clock, random, std::move(credentials.token_source));
  connection->endpoint_ = {server, credentials.subject, credentials.issuer,
                           credentials.ca_pem.empty()};
  return connection;
}

Connection::Connection(std::shared_ptr<grpc::ChannelInterface> channel,
                       ConnectionOptions options, const base::Clock& clock,
                       base::Random& random,
                       std::unique_ptr<TokenSource> token_source)
    : channel_(std::move(channel)),
      options_(std::move(options)),
      clock_(clock),
      random_(random),
      token_source_(std::move(token_source)) {}

std::string Connection::DescribeIdentity() const {
  if (token_source_ != nullptr) return token_source_->Describe();
  if (endpoint_.subject.empty()) return "none";
  return absl::StrCat("certificate ", endpoint_.subject, ", issued by ",
                      endpoint_.issuer);
}

double Connection::Chance() {
  const std::string octets = random_.Bytes(2);
  return (static_cast<unsigned char>(octets[0]) * 256 +
          static_cast<unsigned char>(octets[1])) /
         65536.0;
}

absl::Status Connection::Pause(absl::Duration duration) {
  constexpr absl::Duration kSlice = absl::Milliseconds(50);
  while (duration > absl::ZeroDuration()) {
    if (options_.interrupted()) return InterruptedError();
    const absl::Duration slice = std::min(duration, kSlice);
    options_.sleep(slice);
    duration -= slice;
  }
  return absl::OkStatus();
}

absl::Status Connection::Explain(const absl::Status& status) const {
  return ExplainConnectionFailure(status, endpoint_);
}

}  // namespace countersign::client
