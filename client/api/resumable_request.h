// Asking for a signature so that the same question asked again finds its first
// request: for programs that keep nothing between two runs (a plugin that is
// killed at a deadline, a command that is typed once more after people agreed).
// The request_id is made from what is asked. Not the waiting: that is
// SigningClient::Wait. Called by plugins and by commands that resume.
#ifndef COUNTERSIGN_CLIENT_API_RESUMABLE_REQUEST_H_
#define COUNTERSIGN_CLIENT_API_RESUMABLE_REQUEST_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/api/signing_client.h"
#include "countersign/v1/signing_service.pb.h"

namespace countersign::client {

struct ResumableRequest {
  // As for SigningClient::Create, without a request_id. Operation, digests (or
  // messages) in their order, hash, algorithm, encoding and ECDSA form make the
  // question. Description, labels and context do not: a request that is found
  // keeps those that it was made with.
  v1::CreateSigningRequestRequest creation;
  // What else makes two questions the same: a word for the kind of artefact
  // first ("cosign"), and, where the answer has to fit one key, that key's
  // spki_sha256, so that a rotation is a new question.
  std::vector<std::string> parts;
  // A request that was SIGNED no longer ago than this is the answer; an older
  // one has been used, and a new one is made. Zero never takes a signed one.
  absl::Duration reuse_signed = absl::Hours(1);
};

// The request of the newest try where that one is PENDING_APPROVAL, APPROVED,
// or SIGNED within reuse_signed, else a new one, in whatever state it is: look
// at `state`, a new one may have FAILED already. Where the token is away the
// standing request is returned, APPROVED. A second and later try says so in its
// context ("attempt": "2, <time>"), which approvers read. Blocks: two calls for
// each try that has ended. Errors are those of Create; FAILED_PRECONDITION
// (TOO_MANY_ATTEMPTS) where all tries of today have ended.
absl::StatusOr<v1::SigningRequest> FindOrCreate(SigningClient& client,
                                                const ResumableRequest& request,
                                                absl::Time now);

// The request_id of one try: `attempt` from 0. `series` is empty, or the day
// (UTC, "2026-01-31") for what is signed again and again.
std::string ResumableRequestId(const ResumableRequest& request,
                               const std::string& series, int attempt);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_API_RESUMABLE_REQUEST_H_
