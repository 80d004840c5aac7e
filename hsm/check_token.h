// Whether the configured tokens are there and could be logged in to, without
// any login: for `countersignd --check`. Not a part of signing.
#ifndef COUNTERSIGN_HSM_CHECK_TOKEN_H_
#define COUNTERSIGN_HSM_CHECK_TOKEN_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "hsm/token_options.h"

namespace countersign::hsm {

// One mistake of each token, in the order of the configuration.
struct TokenCheck {
  std::string token;  // configured name
  absl::Status status;
};

// The errors of Pkcs11Signer::Create up to the login, which does not happen: no
// try of a PIN is spent. What there only delays the start (a token that is
// away) is an error here. The first error of the options alone stands for all.
// Blocks, for the call_timeout of each module at most; a module that does not
// come back is left behind (UNAVAILABLE CALL_STUCK).
std::vector<TokenCheck> CheckTokens(const Pkcs11SignerOptions& options);

// The first of these.
absl::Status FirstError(const std::vector<TokenCheck>& checks);

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_CHECK_TOKEN_H_
