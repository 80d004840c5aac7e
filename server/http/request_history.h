// How a call without a name of its own finds the signing request that an
// earlier call made. v1 of the ocm CLI sends a digest and nothing else, and
// whoever runs a failed pipeline again sends the same digest: without this each
// try would be a new request for the same people to read.
//
// Requests of one content by one caller are numbered; the number is hashed into
// the request_id, so the store alone says which numbers are taken. What people
// have decided stands for a while (`window`); after it the same digest is a new
// use and a new request.
#ifndef COUNTERSIGN_SERVER_HTTP_REQUEST_HISTORY_H_
#define COUNTERSIGN_SERVER_HTTP_REQUEST_HISTORY_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/principal.h"
#include "core/signing_request.h"

namespace countersign::server {

// The idempotency key of the `number`-th request (from 1) of that content by
// that caller. Pure.
std::string HttpRequestId(const core::Principal& caller,
                          const core::RequestContent& content, int number);

// Whether `request` answers a call of `now`, or a new one is made. Pure.
//   PENDING_APPROVAL, APPROVED: it answers, however old.
//   SIGNED: it answers for `window`.
//   REJECTED, CANCELLED: a person said no, which stands for `window`: a job
//     that is tried again and again asks nobody twice.
//   FAILED: the same where people had agreed before; a failure that nobody was
//     asked about is tried again at once.
//   EXPIRED: a new one. Nobody said no, and each has waited its full time.
bool StillAnswers(const core::SigningRequest& request, absl::Time now,
                  absl::Duration window);

// The last request of that content and its number; number 0: there is none.
struct LastRequest {
  int number = 0;
  std::optional<core::SigningRequest> request;
};
// Asks `find` (a request_id's request, or none) about 2 log2(n) times, for n
// requests so far.
using FindById =
    std::function<absl::StatusOr<std::optional<core::SigningRequest>>(
        const std::string& request_id)>;
absl::StatusOr<LastRequest> FindLast(const core::Principal& caller,
                                     const core::RequestContent& content,
                                     const FindById& find);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_HTTP_REQUEST_HISTORY_H_
