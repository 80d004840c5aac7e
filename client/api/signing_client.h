// Calls of SigningService. Every answer's checksums are checked before it is
// given out. Borrows a connection; every method blocks.
#ifndef COUNTERSIGN_CLIENT_API_SIGNING_CLIENT_H_
#define COUNTERSIGN_CLIENT_API_SIGNING_CLIENT_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/api/connection.h"
#include "countersign/v1/resources.pb.h"
#include "countersign/v1/signing_service.pb.h"

namespace countersign::client {

// What a wait is told.
struct WatchEvents {
  // Each state, the last one too.
  std::function<void(const v1::SigningRequest&)> changed =
      [](const v1::SigningRequest&) {};
  // The stream broke and is taken up again after that pause.
  std::function<void(const absl::Status&, absl::Duration)> broken =
      [](const absl::Status&, absl::Duration) {};
};

// What Create does about a request that stands while its token is away: repeat
// itself until the call's time is over, or return that error at once (the name
// is StandingRequest() of attempts.h), for a caller that will Wait().
enum class Standing { kRepeat, kReturn };

class SigningClient {
 public:
  // `connection` must outlive this.
  explicit SigningClient(Connection& connection) : connection_(connection) {}

  // Sets the checksums, and a request_id where there is none, so that a retry
  // finds the first request.
  absl::StatusOr<v1::SigningRequest> Create(
      v1::CreateSigningRequestRequest request,
      Standing standing = Standing::kRepeat);
  absl::StatusOr<v1::SigningRequest> Get(const std::string& name);
  // All pages. `states` empty: all.
  absl::StatusOr<std::vector<v1::SigningRequest>> List(
      const std::string& parent,
      const std::vector<v1::SigningRequest::State>& states);
  absl::StatusOr<v1::SigningRequest> Cancel(const std::string& name,
                                            const std::string& reason);
  // Never repeated by itself: after a lost answer the caller looks again.
  absl::StatusOr<v1::SigningRequest> Approve(const std::string& name,
                                             const std::string& etag,
                                             const std::string& reason);
  absl::StatusOr<v1::SigningRequest> Reject(const std::string& name,
                                            const std::string& etag,
                                            const std::string& reason);

  // Until the request's state is final, whatever it is; a broken stream is
  // taken up where it ended. DEADLINE_EXCEEDED (WAIT_ENDED) after `deadline`.
  absl::StatusOr<v1::SigningRequest> Wait(const std::string& name,
                                          absl::Time deadline,
                                          const WatchEvents& events);

 private:
  Connection& connection_;
};

// SIGNED, REJECTED, EXPIRED, CANCELLED, FAILED.
bool IsFinal(v1::SigningRequest::State state);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_API_SIGNING_CLIENT_H_
