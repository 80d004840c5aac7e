#include "client/cli/await_signature.h"

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "client/api/attempts.h"
#include "client/api/client_error.h"
#include "client/api/resumable_request.h"
#include "client/cli/proto_json.h"
#include "client/cli/render_request.h"
#include "client/cli/text_table.h"

namespace countersign::client {
namespace {

using v1::SigningRequest;

std::string PickUp(const std::string& name) {
  return absl::StrCat("countersign request wait ", name);
}

// How to go on after a wait that ended for a reason of ours.
absl::Status StillStanding(const absl::Status& status,
                           const std::string& name) {
  const std::string reason = base::GetReason(status);
  if (reason != "INTERRUPTED" && reason != "WAIT_ENDED") return status;
  return base::MakeError(
      status.code(),
      absl::StrCat(status.message(), "; the request stands. Pick it up with:\n",
                   "  ", PickUp(name)),
      Because(reason, {{"request", name}}));
}

WatchEvents NotesFor(Session& session) {
  WatchEvents events;
  events.changed = [&session](const SigningRequest& request) {
    if (!IsFinal(request.state())) {
      session.Note(RenderProgress(request, session.now()));
    }
  };
  events.broken = [&session](const absl::Status& status, absl::Duration pause) {
    session.Note(absl::StrCat("connection lost (",
                              EscapeLines(status.message()), "); again in ",
                              absl::FormatDuration(pause)));
  };
  return events;
}

// After an answer that did not come nobody knows whether the request was made.
bool MayStand(const absl::Status& status) {
  return status.code() == absl::StatusCode::kDeadlineExceeded ||
         base::GetReason(status) == "CONNECTION_CLOSED";
}

absl::Status SayHowToFind(const absl::Status& status,
                          const std::string& request_id) {
  const std::string find = absl::StrCat(
      "the request may stand. The same command with this option finds it:\n",
      "  --request-id ", request_id);
  if (base::GetReason(status) == "INTERRUPTED") {
    return base::MakeError(
        absl::StatusCode::kCancelled,
        absl::StrCat("interrupted before the server answered; ", find),
        Because("INTERRUPTED", {{"requestId", request_id}}));
  }
  if (!MayStand(status)) return status;
  base::ErrorDetails details =
      base::GetErrorDetails(status).value_or(base::ErrorDetails());
  details.metadata["requestId"] = request_id;
  return base::MakeError(status.code(),
                         absl::StrCat(status.message(), "; ", find), details);
}

}  // namespace

absl::Status EndOf(const SigningRequest& request) {
  const char* reason = nullptr;
  switch (request.state()) {
    case SigningRequest::SIGNED:
      return absl::OkStatus();
    case SigningRequest::REJECTED:
      reason = "SIGNING_REQUEST_REJECTED";
      break;
    case SigningRequest::EXPIRED:
      reason = "SIGNING_REQUEST_EXPIRED";
      break;
    case SigningRequest::CANCELLED:
      reason = "SIGNING_REQUEST_CANCELLED";
      break;
    default:
      reason = "SIGNING_REQUEST_FAILED";
      break;
  }
  return base::MakeError(absl::StatusCode::kFailedPrecondition,
                         absl::StrCat("signing request ", request.name(),
                                      " was not signed: ", RenderEnd(request)),
                         Because(reason, {{"request", request.name()}}));
}

absl::StatusOr<SigningRequest> AwaitSignature(Session& session,
                                              SigningClient& client,
                                              const SigningRequest& request,
                                              absl::Duration wait) {
  SigningRequest latest = request;
  if (!IsFinal(latest.state())) {
    const std::string name = EscapeLines(latest.name());
    session.Note(absl::StrCat("signing request ", name,
                              "\n  to approve:  ", "countersign approve ", name,
                              "\n  to pick up:  ", PickUp(name),
                              "   (Ctrl-C leaves it standing)"));
    absl::StatusOr<SigningRequest> ended =
        client.Wait(latest.name(), session.now() + wait, NotesFor(session));
    if (!ended.ok()) return StillStanding(ended.status(), latest.name());
    latest = *std::move(ended);
  }
  const absl::Status end = EndOf(latest);
  if (end.ok()) return latest;
  if (session.json()) session.PrintJson(ProtoJson(latest));
  return end;
}

absl::StatusOr<SigningRequest> AskForSignature(Session& session,
                                               const Ask& ask) {
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  SigningClient client(*connection);
  v1::CreateSigningRequestRequest request = ask.request;
  if (request.request_id().empty()) {
    request.set_request_id(
        base::MakeUuid7(session.now(), session.console().random));
  }
  absl::StatusOr<SigningRequest> answer =
      client.Create(request, Standing::kReturn);
  // The token is away, the request stands: it is waited for, like people.
  const std::string standing = StandingRequest(answer.status());
  if (!standing.empty()) {
    session.Note(EscapeLines(answer.status().message()));
    answer = client.Get(standing);
  }
  if (!answer.ok()) return SayHowToFind(answer.status(), request.request_id());
  if (!ask.wait) return answer;
  return AwaitSignature(session, client, *answer, ask.wait_for);
}

absl::StatusOr<SigningRequest> AskOrFind(Session& session, const Ask& ask,
                                         const std::vector<std::string>& parts,
                                         absl::Duration reuse_signed) {
  if (!ask.request.request_id().empty()) return AskForSignature(session, ask);
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  SigningClient client(*connection);
  const absl::StatusOr<SigningRequest> found =
      FindOrCreate(client, {ask.request, parts, reuse_signed}, session.now());
  if (MayStand(found.status()) ||
      base::GetReason(found.status()) == "INTERRUPTED") {
    return base::MakeError(
        found.status().code(),
        absl::StrCat(found.status().message(),
                     "; the request may stand: the same command finds it"),
        base::GetErrorDetails(found.status()).value_or(base::ErrorDetails()));
  }
  if (!found.ok() || !ask.wait) return found;
  return AwaitSignature(session, client, *found, ask.wait_for);
}

}  // namespace countersign::client
