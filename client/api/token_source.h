// Where a bearer token comes from: a file, the environment, a helper program, a
// login, the CI system that the job runs in. A connection asks it before each
// call. The port; who implements it is beside it and in client/login.
#ifndef COUNTERSIGN_CLIENT_API_TOKEN_SOURCE_H_
#define COUNTERSIGN_CLIENT_API_TOKEN_SOURCE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/secret_bytes.h"

namespace countersign::client {

struct BearerToken {
  base::SecretBytes value;
  // As far as it is known; the infinite future otherwise.
  absl::Time expire_time = absl::InfiniteFuture();
};

// Thread-safe: gRPC asks on threads of its own.
class TokenSource {
 public:
  virtual ~TokenSource() = default;

  // A token that is good for now. Blocks on disk, network or a program; what
  // was had before is given again until shortly before its end. `refused` is a
  // token that the server has just called expired: another one is needed.
  // UNAUTHENTICATED (LOGIN_NEEDED, TOKEN_UNREADABLE, TOKEN_HELPER_FAILED) says
  // what to do.
  virtual absl::StatusOr<BearerToken> Get(bool refused) = 0;

  // "token of the file /run/token", for messages. Never the token.
  virtual std::string Describe() const = 0;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_API_TOKEN_SOURCE_H_
