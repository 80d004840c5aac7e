#include "client/plugins/obtain_signature.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/api/signing_client.h"
#include "client/cli/await_signature.h"
#include "client/cli/render_request.h"

namespace countersign::client {
namespace {

using v1::SigningRequest;

// How to go on after a wait that ended for a reason of ours.
absl::Status StillStanding(const absl::Status& status, const std::string& name,
                           const std::string& how_to_resume) {
  const std::string reason = base::GetReason(status);
  if (reason != "INTERRUPTED" && reason != "WAIT_ENDED") return status;
  return base::MakeError(
      status.code(),
      absl::StrCat("signing request ", name, " still waits for approval; ",
                   "approvers see it with\n  countersign approve ", name, "\n",
                   how_to_resume),
      Because(reason, {{"request", name}}));
}

// After an answer that did not come nobody knows whether the request was made.
absl::Status MayStand(const absl::Status& status,
                      const std::string& how_to_resume) {
  if (status.code() != absl::StatusCode::kDeadlineExceeded &&
      base::GetReason(status) != "CONNECTION_CLOSED") {
    return status;
  }
  return base::MakeError(
      status.code(),
      absl::StrCat(status.message(), "; the signing request may stand. ",
                   how_to_resume),
      base::GetErrorDetails(status).value_or(base::ErrorDetails()));
}

WatchEvents NotesFor(const PluginWorld& world) {
  WatchEvents events;
  events.changed = [&world](const SigningRequest& request) {
    if (!IsFinal(request.state())) {
      world.note(RenderProgress(request, world.clock.Now()));
    }
  };
  events.broken = [&world](const absl::Status& status, absl::Duration pause) {
    world.note(absl::StrCat("connection lost (", status.message(),
                            "); again in ", absl::FormatDuration(pause)));
  };
  return events;
}

}  // namespace

absl::StatusOr<SigningRequest> ObtainSignature(
    const PluginWorld& world, Connection& connection,
    const SignatureQuestion& question) {
  SigningClient client(connection);
  absl::StatusOr<SigningRequest> request =
      FindOrCreate(client, question.request, world.clock.Now());
  if (!request.ok()) {
    return MayStand(request.status(), question.how_to_resume);
  }
  if (!IsFinal(request->state())) {
    const std::string name = request->name();
    world.note(absl::StrCat("signing request ", name));
    world.note(absl::StrCat("  to approve:  countersign approve ", name));
    request = client.Wait(name, question.deadline, NotesFor(world));
    if (!request.ok()) {
      return StillStanding(request.status(), name, question.how_to_resume);
    }
  }
  RETURN_IF_ERROR(EndOf(*request));
  return request;
}

}  // namespace countersign::client
