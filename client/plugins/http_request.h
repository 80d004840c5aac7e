// Reading one HTTP/1.1 request from octets as they come, and writing one
// answer: what a plugin that serves a socket needs, with bounds. No sockets
// (http_listener.h). Pure.
#ifndef COUNTERSIGN_CLIENT_PLUGINS_HTTP_REQUEST_H_
#define COUNTERSIGN_CLIENT_PLUGINS_HTTP_REQUEST_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace countersign::client {

struct HttpRequest {
  std::string method;  // "POST"
  std::string target;  // "/sign"
  std::string authorization;
  std::string body;
};

struct HttpResponse {
  int code = 200;
  std::string content_type = "application/json";
  std::string body;
};

// Thread-compatible.
class HttpRequestReader {
 public:
  HttpRequestReader();
  ~HttpRequestReader();

  // The next octets. True once the request is whole; what comes after it is not
  // looked at. INVALID_ARGUMENT for what is no HTTP, OUT_OF_RANGE where the
  // header has more than 256 KiB or the body more than 1 MiB.
  absl::StatusOr<bool> Feed(absl::string_view octets);
  // Once, after true.
  HttpRequest Take();

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

// Closes the connection after it: one request on each.
std::string FormatHttpResponse(const HttpResponse& response);

// The code for an error of ours: 400, 401, 403, 404, 409, 503, 504 or 500.
int HttpCodeOf(const absl::Status& status);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_PLUGINS_HTTP_REQUEST_H_
