// Waiting for people: from a request that was just made (or is picked up) to
// its signatures, telling on standard error what it waits for and how to go on.
// Called by the sign commands and by `request wait`.
#ifndef COUNTERSIGN_CLIENT_CLI_AWAIT_SIGNATURE_H_
#define COUNTERSIGN_CLIENT_CLI_AWAIT_SIGNATURE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/api/signing_client.h"
#include "client/cli/session.h"
#include "countersign/v1/resources.pb.h"

namespace countersign::client {

// Blocks until the request ends or `wait` is over. What is SIGNED is returned;
// FAILED_PRECONDITION (SIGNING_REQUEST_REJECTED, _EXPIRED, _CANCELLED,
// _FAILED), DEADLINE_EXCEEDED (WAIT_ENDED), CANCELLED (INTERRUPTED) say how to
// pick it up or why not. With -o json an ended request is printed all the same.
absl::StatusOr<v1::SigningRequest> AwaitSignature(
    Session& session, SigningClient& client, const v1::SigningRequest& request,
    absl::Duration wait);

// Asks, and waits. Where the token is away the server keeps the request; that
// is waited for like people are.
struct Ask {
  v1::CreateSigningRequestRequest request;
  bool wait = true;
  absl::Duration wait_for = absl::InfiniteDuration();
};
// What is SIGNED, or, without `wait`, whatever the server answered.
absl::StatusOr<v1::SigningRequest> AskForSignature(Session& session,
                                                   const Ask& ask);

// The same for a question that is the same when the command is typed again: its
// request is found and no second one made (resumable_request.h, which says what
// `parts` and `reuse_signed` are). A request_id that `ask` has is kept to.
absl::StatusOr<v1::SigningRequest> AskOrFind(
    Session& session, const Ask& ask, const std::vector<std::string>& parts,
    absl::Duration reuse_signed);

// OK where the request is SIGNED, else one of the errors above.
absl::Status EndOf(const v1::SigningRequest& request);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_AWAIT_SIGNATURE_H_
