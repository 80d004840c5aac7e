// What a helper program is told and what it may answer: the exec protocol of
// kubectl (client.authentication.k8s.io/v1, ExecCredential), so that helpers
// that are there can be used, or the token alone on one line. Pure.
#ifndef COUNTERSIGN_CLIENT_TOKEN_EXEC_CREDENTIAL_H_
#define COUNTERSIGN_CLIENT_TOKEN_EXEC_CREDENTIAL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/token/read_token.h"

namespace countersign::client {

// The value of KUBERNETES_EXEC_INFO and COUNTERSIGN_EXEC_INFO: an
// ExecCredential without a status, whose spec.interactive is false.
std::string ExecInfo();

// `output` as the program wrote it. UNAUTHENTICATED (TOKEN_HELPER_FAILED) for
// an ExecCredential without a token, or of another kind or version; as
// ReadToken for the token. Nothing of `output` stands in an error.
absl::StatusOr<BearerToken> ReadExecCredential(absl::string_view output,
                                               const TokenUse& use,
                                               absl::Time now);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_TOKEN_EXEC_CREDENTIAL_H_
