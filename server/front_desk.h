// What every call does at the door, so that handlers show only convert, call,
// convert: who is calling, is that somebody the site knows, and at the end one
// log line, one count and the wire's status. It decides nothing about
// resources.
#ifndef COUNTERSIGN_SERVER_FRONT_DESK_H_
#define COUNTERSIGN_SERVER_FRONT_DESK_H_

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
#include "core/policy.h"
#include "core/principal.h"
#include "grpcpp/security/auth_context.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/status.h"
#include "server/pipeline/pipeline.h"
#include "server/rpc_observer.h"

namespace countersign::server {

// One call from its arrival to its answer. Thread-compatible.
struct Call {
  absl::string_view method;  // "CreateSigningRequest"; static
  std::string resource;      // what it asks for, for line and record
  std::string id;            // in the log line and in errors
  absl::Duration start;      // steady
  core::Principal caller;    // empty before Admit
  std::string leaf_pem;      // the caller's certificate
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

  // Who is calling: fills caller and policy. UNAUTHENTICATED.
  absl::Status Identify(const grpc::AuthContext& peer, Call& call);
  // The same, and PERMISSION_DENIED for those in no known group.
  absl::Status Admit(const grpc::AuthContext& peer, Call& call);
  // The same by the certificate that TLS has verified; not empty.
  absl::Status Admit(absl::string_view leaf_pem, Call& call);

  // Asked again in a long call: the certificate may have run out, groups and
  // roles may have changed. UNAUTHENTICATED, PERMISSION_DENIED.
  absl::Status Renew(Call& call);

  // Line, count, wire status.
  grpc::Status Close(const Call& call, const absl::Status& status);

  // A refused call on which no flow was started: recorded, then told. Returns
  // `refusal`, or what kept it from being recorded. Blocks.
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
  absl::Status IdentifyLeaf(Call& call);

  auth::Authenticator& authenticator_;
  Pipeline& pipeline_;
  const base::Clock& clock_;
  base::Random& random_;
  RpcObserver& observer_;
};

// The authenticator's policy as a snapshot of its own.
std::shared_ptr<const core::Policy> PolicyOf(
    const auth::Authenticator& authenticator);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_FRONT_DESK_H_
