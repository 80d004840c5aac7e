// What a call came with, by either door: the certificate of its connection and
// the token of its authorization field (RFC 6750 2.1). Taken apart here and
// believed nowhere; auth/authenticator.h judges it. front_desk.h keeps it as
// long as the call, because a long call is asked again.
#ifndef COUNTERSIGN_SERVER_CALLER_CREDENTIALS_H_
#define COUNTERSIGN_SERVER_CALLER_CREDENTIALS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/json.h"
#include "base/secret_bytes.h"
#include "grpcpp/server_context.h"

namespace countersign::server {

// Move-only. The token is in no line, leaf or error: DescribeRefused says what
// of it may be told.
struct CallerCredentials {
  std::string leaf_pem;     // TLS has verified its chain; may be empty
  base::SecretBytes token;  // may be empty
  // Why what came as authorization is no token. UNAUTHENTICATED
  // TOKEN_MALFORMED.
  absl::Status malformed;
  std::string peer;  // "192.0.2.7:40312"
};

// The fields named "authorization" of one call. Exactly one, and of scheme
// Bearer in any case, is a token; none is none; everything else is malformed:
// two readers of two fields could see two callers.
void TakeAuthorization(const std::vector<absl::string_view>& fields,
                       CallerCredentials& credentials);

CallerCredentials CredentialsOf(const grpc::ServerContext& context);

// "certificate", "token", "both", "none": a metric's label.
absl::string_view KindOf(const CallerCredentials& credentials);

// For the leaf of a refusal, all that can be said of whom nobody knows:
// `credentials` (KindOf), `peer`; of a token `tokenSha256` and, where it can be
// read, what it claims
// (`claimedIssuer`, `claimedSubject`: nothing of it is verified); of a good
// certificate beside it `certificateSubject`.
base::Json::Object DescribeRefused(const CallerCredentials& credentials,
                                   absl::Time now);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_CALLER_CREDENTIALS_H_
