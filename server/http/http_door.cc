#include "server/http/http_door.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "base/secret_bytes.h"
#include "server/http/crl_answer.h"

namespace countersign::server {
namespace {

bool IsForEverybody(HttpKind kind) {
  return kind == HttpKind::kHealth || kind == HttpKind::kReady ||
         kind == HttpKind::kCrl;
}

// The request keeps none of it.
CallerCredentials TakeCredentials(const HttpPeer& peer, HttpRequest& request) {
  CallerCredentials credentials;
  credentials.leaf_pem = peer.leaf_pem;
  credentials.peer = peer.address;
  std::vector<absl::string_view> fields;
  for (const base::SecretBytes& field : request.authorization) {
    fields.push_back(field.DangerouslyExpose());
  }
  TakeAuthorization(fields, credentials);
  request.authorization.clear();
  return credentials;
}

}  // namespace

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
  CallerCredentials credentials = TakeCredentials(peer, request);
  if (IsForEverybody(route.kind)) {
    HttpAnswer answer = AnswerProbe(route, std::move(credentials));
    // No line: probes come every few seconds, and would hide the others.
    observer_.OnHttpCall(ToString(route.kind), answer.code,
                         absl::ZeroDuration());
    done(std::move(answer));
    return nullptr;
  }
  auto call = std::make_shared<SignCall>(parts_, std::move(route),
                                         std::move(request), std::move(done));
  call->Start(std::move(credentials));
  return call;
}

HttpAnswer HttpDoor::AnswerProbe(const HttpRoute& route,
                                 CallerCredentials credentials) const {
  if (route.refusal.has_value()) return *route.refusal;
  if (route.kind == HttpKind::kCrl) return Crl(route.authority);
  if (route.kind == HttpKind::kReady) return Ready(std::move(credentials));
  HttpAnswer answer;
  answer.body = "ok\n";
  return answer;
}

HttpAnswer HttpDoor::Ready(CallerCredentials credentials) const {
  const HealthBoard::View signing = board_.Look(options_.signing_service);
  if (signing.closed) {
    return ErrorAnswer(503, "not ready: the server is stopping");
  }
  // Names are for callers with a certificate or a good token.
  bool known = !credentials.leaf_pem.empty();
  if (!known && !credentials.token.empty()) {
    Call call = parts_.handlers.desk.Open("Ready", "");
    known = parts_.handlers.desk.Identify(std::move(credentials), call).ok();
  }
  const std::string away = known ? Away() : "";
  if (signing.status != HealthBoard::Status::kServing) {
    return ErrorAnswer(503,
                       absl::StrCat("not ready: no token can sign now", away));
  }
  HttpAnswer answer;
  answer.body = absl::StrCat("ready", away, "\n");
  return answer;
}

std::string HttpDoor::Away() const {
  std::vector<std::string> tokens;
  for (const std::string& token : options_.tokens) {
    if (board_.Look(token).status != HealthBoard::Status::kServing) {
      tokens.push_back(token);
    }
  }
  std::vector<std::string> keyless;
  std::vector<std::string> unreachable;
  if (options_.issuers != nullptr) {
    for (const auth::IssuerHealth& issuer : options_.issuers()) {
      if (!issuer.ready) {
        keyless.push_back(issuer.name);
      } else if (!issuer.reachable) {
        unreachable.push_back(issuer.name);
      }
    }
  }
  std::string away;
  for (const auto& [what, names] :
       {std::pair{"away", &tokens},
        std::pair{"token issuers without keys", &keyless},
        std::pair{"token issuers that cannot be reached", &unreachable}}) {
    if (names->empty()) continue;
    absl::StrAppend(&away, "; ", what, ": ", absl::StrJoin(*names, ", "));
  }
  return away;
}

HttpAnswer HttpDoor::Crl(const std::string& authority) const {
  return CrlAnswer(authority, options_.latest_crl == nullptr
                                  ? std::nullopt
                                  : options_.latest_crl(authority));
}

}  // namespace countersign::server
