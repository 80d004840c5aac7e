#include "server/http/http_door.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/log.h"

namespace countersign::server {

HttpDoor::HttpDoor(const HandlerParts& handlers, const HealthBoard& board,
                   HttpObserver& observer,
                   std::function<void(std::function<void()>)> post,
                   Options options)
    : board_(board),
      observer_(observer),
      options_(std::move(options)),
      parts_{handlers,
             observer,
             std::move(post),
             options_.max_wait,
             options_.answer_window,
             options_.max_waiting_calls} {}

std::shared_ptr<HttpCall> HttpDoor::Handle(HttpRequest request,
                                           const HttpPeer& peer,
                                           HttpDone done) {
  HttpRoute route = FindRoute(request.method, request.target, options_.paths);
  const bool probe =
      route.kind == HttpKind::kHealth || route.kind == HttpKind::kReady;
  if (probe) {
    HttpAnswer answer;
    answer.body = "ok\n";
    if (route.refusal.has_value()) {
      answer = *route.refusal;
    } else if (route.kind == HttpKind::kReady) {
      answer = Ready(!peer.leaf_pem.empty());
    }
    Tell(route, std::move(answer), peer, done);
    return nullptr;
  }
  if (peer.leaf_pem.empty()) {
    // Not recorded: whoever reaches the port could fill the record.
    Tell(route,
         ErrorAnswer(401,
                     "not known: this connection has no client certificate; "
                     "signing needs one of the CA that the server's "
                     "identity.client_ca_file names"),
         peer, done);
    return nullptr;
  }
  auto call = std::make_shared<SignCall>(parts_, std::move(route),
                                         std::move(request), std::move(done));
  call->Start(peer.leaf_pem);
  return call;
}

HttpAnswer HttpDoor::Ready(bool known) const {
  const HealthBoard::View signing = board_.Look(options_.signing_service);
  if (signing.closed) {
    return ErrorAnswer(503, "not ready: the server is stopping");
  }
  std::vector<std::string> away;
  for (const std::string& token : options_.tokens) {
    if (board_.Look(token).status != HealthBoard::Status::kServing) {
      away.push_back(token);
    }
  }
  // Names of tokens are for callers with a certificate.
  const std::string which =
      known && !away.empty()
          ? absl::StrCat("; away: ", absl::StrJoin(away, ", "))
          : "";
  if (signing.status != HealthBoard::Status::kServing) {
    return ErrorAnswer(503,
                       absl::StrCat("not ready: no token can sign now", which));
  }
  HttpAnswer answer;
  answer.body = absl::StrCat("ready", which, "\n");
  return answer;
}

void HttpDoor::Tell(const HttpRoute& route, HttpAnswer answer,
                    const HttpPeer& peer, const HttpDone& done) const {
  observer_.OnHttpCall(ToString(route.kind), answer.code, absl::ZeroDuration());
  // Probes come every few seconds; a line for each would hide the others.
  if (answer.code == 401) {
    base::Log(base::Severity::kInfo, "http",
              {{"kind", ToString(route.kind)},
               {"code", answer.code},
               {"peer", peer.address},
               {"cause", "no client certificate"}});
  }
  done(std::move(answer));
}

}  // namespace countersign::server
