// What every call does at either door, so that handlers show only convert,
// call, convert: who is calling, is that somebody the site knows, and at the
// end one log line, one count and the wire's status. It decides nothing about
// resources.
#ifndef COUNTERSIGN_SERVER_FRONT_DESK_H_
#define COUNTERSIGN_SERVER_FRONT_DESK_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "auth/authenticator.h"
#include "base/clock.h"
#include "base/random.h"
#include "core/flow.h"
#include "core/policy.h"
#include "core/principal.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/status.h"
#include "server/caller_credentials.h"
#include "server/denial_limit.h"
#include "server/pipeline/pipeline.h"
#include "server/rpc_observer.h"

namespace countersign::server {

// The actor of a refusal where nobody could be made out.
inline constexpr char kAnonymous[] = "anonymous";

// One call from its arrival to its answer. Thread-compatible, move-only.
struct Call {
  absl::string_view method;  // "CreateSigningRequest"; static
  std::string resource;      // what it asks for, for line and record
  std::string id;            // in the log line and in errors
  absl::Duration start;      // steady
  CallerCredentials credentials;
  // Empty before Admit.
  core::Principal caller;
  absl::Time credential_expire_time;
  std::string token_issuer;  // configured name; empty for a certificate
  std::shared_ptr<const core::Policy> policy;
};

// Thread-safe. Everything it is given must outlive it.
class FrontDesk {
 public:
  FrontDesk(auth::Authenticator& authenticator, Pipeline& pipeline,
            const base::Clock& clock, base::Random& random,
            RpcObserver& observer);

  // A call that has just come. `method` must outlive everything (a literal).
  Call Open(absl::string_view method, const std::string& resource);

  // Who is calling: fills the caller and what is known of its credential.
  // UNAUTHENTICATED; UNAVAILABLE ISSUER_KEYS_UNAVAILABLE. An authorization
  // field is not looked at where the site takes no tokens.
  absl::Status Identify(CallerCredentials credentials, Call& call);
  // The same, and PERMISSION_DENIED for those in no known group.
  absl::Status Admit(CallerCredentials credentials, Call& call);

  // Asked again in a long call: certificate or token may have run out or been
  // revoked, groups and roles may have changed. As Admit.
  absl::Status Renew(Call& call);
  // The same for a caller who waits and cannot come with a fresh token: that
  // its token has run out meanwhile is not held against it.
  absl::Status RenewWaiting(Call& call);

  // Line, count, wire status.
  grpc::Status Close(const Call& call, const absl::Status& status);

  // A refused call on which no flow was started: recorded, then told. Returns
  // `refusal`, or what kept it from being recorded. Of callers whom nobody
  // knows some are only counted (denial_limit.h). An error that refuses nobody
  // (UNAVAILABLE) is told and not recorded. Blocks.
  absl::Status Deny(const Call& call, const absl::Status& refusal);
  // The same without blocking.
  void Deny(const Call& call, const absl::Status& refusal,
            std::function<void(absl::Status)> done);

  // All of it for a call on a thread of its own: admits, records a refused
  // admission, runs `body`, closes.
  grpc::Status Serve(grpc::ServerContext* context, absl::string_view method,
                     const std::string& resource,
                     const std::function<absl::Status(const Call&)>& body);

 private:
  // By the call's credentials as they would have been at `at`.
  absl::Status Authenticate(absl::Time at, Call& call);
  // The record of a refusal; no flow: there is none.
  struct Denial {
    core::FlowPtr flow;
    int64_t tells = 0;  // of how many callers whom nobody knows
  };
  Denial MakeDenial(const Call& call, const absl::Status& refusal);
  void OnDenied(int64_t tells, const absl::Status& refusal,
                const absl::Status& told);

  auth::Authenticator& authenticator_;
  Pipeline& pipeline_;
  const base::Clock& clock_;
  base::Random& random_;
  RpcObserver& observer_;
  DenialLimit limit_;
};

// The authenticator's policy as a snapshot of its own.
std::shared_ptr<const core::Policy> PolicyOf(
    const auth::Authenticator& authenticator);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_FRONT_DESK_H_
