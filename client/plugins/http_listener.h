// A small HTTP/1.1 server on a unix socket or on loopback: one request on each
// connection, one thread for each, sixteen at most, slow callers dropped. For
// the one program that started the plugin, not for a network. Called by
// ocm_plugin.
#ifndef COUNTERSIGN_CLIENT_PLUGINS_HTTP_LISTENER_H_
#define COUNTERSIGN_CLIENT_PLUGINS_HTTP_LISTENER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/plugins/http_request.h"

namespace countersign::client {

// Called from several threads at once.
using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

// Thread-compatible.
class HttpListener {
 public:
  // In a folder of its own (mode 0700) under `parent`, removed at the end.
  static absl::StatusOr<std::unique_ptr<HttpListener>> OnUnixSocket(
      const std::string& parent);
  // 127.0.0.1, a free port: everybody on this machine reaches it.
  static absl::StatusOr<std::unique_ptr<HttpListener>> OnLoopback();
  ~HttpListener();
  HttpListener(const HttpListener&) = delete;
  HttpListener& operator=(const HttpListener&) = delete;

  // "http+unix:///tmp/x/plugin.socket" or "http://127.0.0.1:1234".
  const std::string& address() const { return address_; }

  // Blocks until `interrupted`, or until nobody has called for `idle`; then
  // waits for the requests that are under way.
  void Serve(const HttpHandler& handler, absl::Duration idle,
             const std::function<bool()>& interrupted);

 private:
  HttpListener(int fd, std::string address, std::string folder);

  const int fd_;
  const std::string address_;
  const std::string folder_;  // empty: none
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_PLUGINS_HTTP_LISTENER_H_
