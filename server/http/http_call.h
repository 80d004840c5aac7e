// A call of the HTTPS door between its arrival and its answer, as the
// connection sees it: the one thing that http_server.h and http_door.h both
// know.
#ifndef COUNTERSIGN_SERVER_HTTP_HTTP_CALL_H_
#define COUNTERSIGN_SERVER_HTTP_HTTP_CALL_H_

#include <functional>
#include <memory>
#include <string>

#include "server/http/http_message.h"

namespace countersign::server {

// Single-thread: all of it happens on the loop of the server.
class HttpCall {
 public:
  virtual ~HttpCall() = default;
  // The bound on waiting is reached: it answers now.
  virtual void Expire() = 0;
  // The caller is gone: no answer any more. What was asked for stays.
  virtual void Abandon() = 0;
};

// Who is at the other end. `leaf_pem` is empty where no certificate was shown.
struct HttpPeer {
  std::string leaf_pem;
  std::string address;  // "192.0.2.7:40312", for the log
};

using HttpDone = std::function<void(HttpAnswer)>;
// Takes a request and answers it through `done`, once, on the loop: perhaps
// before it returns. The call that waits, or nullptr where it has answered.
using HttpHandler = std::function<std::shared_ptr<HttpCall>(
    HttpRequest request, const HttpPeer& peer, HttpDone done)>;

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_HTTP_HTTP_CALL_H_
