// The OCM signing-service protocol on this server: what each path answers, and
// to whom. The second door beside gRPC, with the same callers, rules, limits
// and records; and the revocation lists of the site's authorities, which are
// for everybody. It speaks in values; http_server.h has the sockets.
#ifndef COUNTERSIGN_SERVER_HTTP_HTTP_DOOR_H_
#define COUNTERSIGN_SERVER_HTTP_HTTP_DOOR_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "auth/issuer_keys.h"
#include "server/caller_credentials.h"
#include "server/handlers/parts.h"
#include "server/health_board.h"
#include "server/http/http_call.h"
#include "server/http/http_observer.h"
#include "server/http/http_route.h"
#include "server/http/sign_call.h"

namespace countersign::server {

// All on one loop.
class HttpDoor {
 public:
  struct Options {
    HttpPaths paths;
    absl::Duration max_wait;
    absl::Duration answer_window;
    int max_waiting_calls = 0;
    // Names on the health board: what must serve to be ready, and what is told
    // of beside it.
    std::string signing_service;
    std::vector<std::string> tokens;
    // How the token issuers are; does not block.
    std::function<std::vector<auth::IssuerHealth>()> issuers;
    // The newest list of that authority, DER; does not block.
    std::function<std::optional<std::string>(const std::string& authority)>
        latest_crl;
  };

  // Everything it is given outlives it and its calls.
  HttpDoor(const HandlerParts& handlers, const HealthBoard& board,
           HttpObserver& observer,
           std::function<void(std::function<void()>)> post, Options options);

  // An HttpHandler (http_call.h).
  std::shared_ptr<HttpCall> Handle(HttpRequest request, const HttpPeer& peer,
                                   HttpDone done);

 private:
  // Open to everybody: not recorded.
  HttpAnswer AnswerProbe(const HttpRoute& route,
                         CallerCredentials credentials) const;
  // Whether it can sign now; to somebody known also what is away.
  HttpAnswer Ready(CallerCredentials credentials) const;
  std::string Away() const;
  HttpAnswer Crl(const std::string& authority) const;

  const HealthBoard& board_;
  HttpObserver& observer_;
  const Options options_;
  SignCallParts parts_;
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_HTTP_HTTP_DOOR_H_
