// The sockets of the HTTPS door: TLS 1.3, HTTP/1.1, connections as objects of
// one loop and not as threads, so that hundreds of calls may wait for people
// (docs/adr/0011). What a request means is its handler's matter (http_door.h).
// Boost is behind this header and not in it.
#ifndef COUNTERSIGN_SERVER_HTTP_HTTP_SERVER_H_
#define COUNTERSIGN_SERVER_HTTP_HTTP_SERVER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/secret_bytes.h"
#include "server/http/http_call.h"
#include "server/tls_identity.h"

namespace countersign::server {

// Thread-safe but for RunLoop.
class HttpServer {
 public:
  struct Options {
    std::string address;          // "host:port"
    std::string certificate_pem;  // leaf first
    std::string client_ca_pem;
    absl::Duration max_wait = absl::Hours(1);  // then HttpCall::Expire
    int max_connections = 2000;  // more wait in the system's queue
    // For the TLS handshake, and for a request from its first octet to its
    // last.
    absl::Duration request_timeout = absl::Seconds(10);
    absl::Duration idle_timeout = absl::Seconds(60);
    absl::Duration write_timeout = absl::Seconds(30);
  };

  // Binds; nobody is accepted before RunLoop. UNAVAILABLE where the address
  // cannot be had, INVALID_ARGUMENT where certificate and key do not serve.
  // `clock` outlives it. Blocks while a host name is resolved.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Listen(
      const Options& options, const base::SecretBytes& private_key_pem,
      const base::Clock& clock);
  ~HttpServer();

  int port() const;

  // For connections that come from now on; those that are open stay as they
  // are. INVALID_ARGUMENT where it does not serve, and nothing changes. Any
  // thread.
  absl::Status ReplaceTls(const TlsIdentity& identity);

  // Runs `work` on the loop, soon.
  void Post(std::function<void()> work);

  // Accepts and serves, on this thread. Blocks until Stop.
  void RunLoop(HttpHandler handler);

  // Accepts nobody and reads no further request; idle connections end.
  void StopTaking();
  // True when all connections have ended, their answers sent; false after
  // `timeout`. Blocks.
  bool Drain(absl::Duration timeout);
  // Ends the loop, whatever is under way.
  void Stop();

 private:
  struct Loop;
  explicit HttpServer(std::unique_ptr<Loop> loop);

  const std::unique_ptr<Loop> loop_;
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_HTTP_HTTP_SERVER_H_
