// The device authorization grant (RFC 8628): the person opens a page anywhere
// and types a code; meanwhile the issuer is asked again and again. Called by
// login.h.
#ifndef COUNTERSIGN_CLIENT_LOGIN_DEVICE_LOGIN_H_
#define COUNTERSIGN_CLIENT_LOGIN_DEVICE_LOGIN_H_

#include "absl/status/statusor.h"
#include "client/login/issuer_client.h"
#include "client/login/login_prompt.h"
#include "client/login/login_world.h"
#include "client/login/token_answer.h"

namespace countersign::client {

// Blocks until the person has decided. PERMISSION_DENIED (LOGIN_DENIED),
// DEADLINE_EXCEEDED (LOGIN_TIMED_OUT), CANCELLED (INTERRUPTED),
// FAILED_PRECONDITION (LOGIN_WAY_MISSING) where the issuer has no such flow.
absl::StatusOr<TokenAnswer> LoginByDevice(const LoginWorld& world,
                                          const IssuerClient& client,
                                          const ShowPrompt& show);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_LOGIN_DEVICE_LOGIN_H_
