#include "client/oci/registry_session.h"

#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/oci/loopback.h"
#include "client/oci/registry_answer.h"
#include "client/oci/registry_error.h"

namespace countersign::client {
namespace {

constexpr int kMaxRedirects = 5;
constexpr int kMaxAgain = 3;
constexpr absl::Duration kFirstPause = absl::Milliseconds(250);
constexpr absl::Duration kMaxRetryAfter = absl::Seconds(10);

bool IsRedirect(const HttpResponse& response) {
  const int status = response.status;
  return (status >= 301 && status <= 303) || status == 307 || status == 308;
}

bool ReadsOnly(const HttpRequest& http) {
  return http.method == "GET" || http.method == "HEAD";
}

}  // namespace

absl::StatusOr<std::unique_ptr<RegistrySession>> RegistrySession::Create(
    const RegistrySessionOptions& options, const ImageReference& reference,
    const RetryPause& pause) {
  if (reference.scheme == "http" && !options.allow_plain_http &&
      !IsLoopbackHost(reference.host)) {
    return PlainHttpRefused(reference.host);
  }
  ASSIGN_OR_RETURN(std::unique_ptr<HttpConnection> connection,
                   HttpConnection::Create(options.connection));
  return std::unique_ptr<RegistrySession>(
      new RegistrySession(options, reference, pause, std::move(connection)));
}

RegistrySession::RegistrySession(const RegistrySessionOptions& options,
                                 const ImageReference& reference,
                                 const RetryPause& pause,
                                 std::unique_ptr<HttpConnection> connection)
    : host_(reference.host),
      where_(reference.Name()),
      may_be_plain_(options.allow_plain_http || IsLoopbackHost(reference.host)),
      pause_(pause),
      connection_(std::move(connection)),
      login_(*connection_, options.credentials, reference),
      scheme_(reference.scheme) {}

absl::StatusOr<HttpResponse> RegistrySession::Exchange(
    const HttpRequest& http) {
  absl::StatusOr<HttpResponse> response = connection_->Send(http);
  failure_ = response.ok() ? "" : base::GetReason(response.status());
  if (response.ok()) return response;
  if (failure_ == "BODY_TOO_LARGE") {
    return RegistryAnswer(where_, response.status().message());
  }
  // What is not our connection's is the source's or the sink's.
  for (const char* reason :
       {"NO_ANSWER", "TOO_SLOW", "TLS_NOT_SPOKEN", "CERTIFICATE"}) {
    if (failure_ != reason) continue;
    return RegistryUnreachable(http.url.host, response.status().message());
  }
  return response;
}

absl::Status RegistrySession::ChooseScheme() {
  if (!scheme_.empty()) return absl::OkStatus();
  if (!may_be_plain_) {
    scheme_ = "https";
    return absl::OkStatus();
  }
  HttpRequest probe;
  ASSIGN_OR_RETURN(probe.url,
                   ParseUrl(absl::StrCat("https://", host_, "/v2/")));
  const auto response = connection_->Send(probe);
  const std::string reason =
      response.ok() ? "" : base::GetReason(response.status());
  if (reason == "TLS_NOT_SPOKEN") {
    scheme_ = "http";
  } else if (response.ok() || reason == "BODY_TOO_LARGE") {
    scheme_ = "https";
  } else if (reason == "CA_FILE") {
    return response.status();
  } else {
    return RegistryUnreachable(host_, response.status().message());
  }
  return absl::OkStatus();
}

absl::StatusOr<HttpResponse> RegistrySession::SendWithLogin(
    HttpRequest& http, RegistryAccess access) {
  const std::vector<std::string> plain = http.headers;
  bool source_read = false;
  if (http.source) {
    http.source = [source = std::move(http.source), &source_read](size_t room) {
      source_read = true;
      return source(room);
    };
  }
  for (bool again : {false, true}) {
    const std::string authorization = login_.Authorization(access);
    http.headers = plain;
    if (!authorization.empty()) {
      http.headers.push_back(absl::StrCat("Authorization: ", authorization));
    }
    ASSIGN_OR_RETURN(HttpResponse response, Exchange(http));
    if (response.status != 401) return response;
    // What was read of a source is gone.
    if (again || source_read) return login_.Refused(response);
    RETURN_IF_ERROR(login_.Answer(http.url, response, access));
  }
  return absl::InternalError("unreachable");
}

absl::StatusOr<Url> RegistrySession::NextUrl(const Url& from,
                                             const HttpResponse& response,
                                             bool may_leave) const {
  absl::StatusOr<Url> next = ResolveUrl(from, response.Header("location"));
  if (!next.ok()) {
    return RegistryAnswer(
        where_, absl::StrCat("it redirects (HTTP ", response.status, "), but ",
                             next.status().message()));
  }
  if (from.scheme == "https" && next->scheme != "https") {
    return RegistryAnswer(
        where_,
        absl::StrCat("it redirects from https to plain ", next->Origin()));
  }
  if (next->Origin() != from.Origin() && !may_leave) {
    return RegistryAnswer(
        where_, absl::StrCat("it redirects to another host, ", next->Origin(),
                             ", which only blobs may be read from"));
  }
  return next;
}

absl::StatusOr<HttpResponse> RegistrySession::SendOnce(
    const RegistryRequest& request) {
  HttpRequest http = request.http;
  ASSIGN_OR_RETURN(const Url home,
                   ParseUrl(absl::StrCat(scheme_, "://", host_, "/")));
  absl::StatusOr<Url> target = ResolveUrl(home, request.target);
  if (!target.ok()) return RegistryAnswer(where_, target.status().message());
  // A registry behind a proxy that ends TLS may not know that it is https.
  if (home.scheme == "https" && target->scheme == "http" &&
      target->host == home.host) {
    target->scheme = "https";
  }
  if (target->Origin() != home.Origin()) {
    return RegistryAnswer(
        where_, absl::StrCat("it sends us to another host, ", target->Origin(),
                             ", with what is meant for it alone"));
  }
  http.url = *std::move(target);
  const std::vector<std::string> headers = http.headers;
  bool at_home = true;
  for (int hops = 0; hops <= kMaxRedirects; ++hops) {
    http.headers = headers;
    ASSIGN_OR_RETURN(
        HttpResponse response,
        at_home ? SendWithLogin(http, request.access) : Exchange(http));
    if (!IsRedirect(response)) return response;
    if (!ReadsOnly(http)) return AnswerError(where_, response);
    ASSIGN_OR_RETURN(http.url, NextUrl(http.url, response, request.may_leave));
    // Once away, a way back gets no login either.
    at_home = at_home && http.url.Origin() == home.Origin();
  }
  return RegistryAnswer(where_, "it redirects in a circle");
}

absl::StatusOr<HttpResponse> RegistrySession::Send(
    const RegistryRequest& request) {
  RETURN_IF_ERROR(ChooseScheme());
  RegistryRequest attempt = request;
  bool sink_used = false;
  if (request.http.sink) {
    attempt.http.sink = [&](absl::string_view octets) {
      sink_used = true;
      return request.http.sink(octets);
    };
  }
  for (int again = 0;; ++again) {
    absl::StatusOr<HttpResponse> response = SendOnce(attempt);
    if (again == kMaxAgain || !ReadsOnly(request.http) || sink_used ||
        !MayTryAgain(response)) {
      return response;
    }
    if (response.ok() && response->status == 429) {
      pause_.sleep(*RetryAfter(*response));
    } else {
      pause_.Wait(kFirstPause, again);
    }
  }
}

bool RegistrySession::MayTryAgain(
    const absl::StatusOr<HttpResponse>& response) const {
  if (!response.ok()) {
    return base::GetReason(response.status()) == "REGISTRY_UNREACHABLE" &&
           (failure_.empty() || failure_ == "NO_ANSWER");
  }
  if (response->status == 429) {
    const std::optional<absl::Duration> after = RetryAfter(*response);
    return after.has_value() && *after <= kMaxRetryAfter;
  }
  // 501 stays what it is.
  return response->status >= 500 && response->status != 501;
}

}  // namespace countersign::client
