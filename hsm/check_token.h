// Whether the configured tokens are there and could be logged in to, and show
// the keys that they should have, without any login: for `countersignd
// --check`. Not a part of signing.
#ifndef COUNTERSIGN_HSM_CHECK_TOKEN_H_
#define COUNTERSIGN_HSM_CHECK_TOKEN_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "core/signer.h"
#include "hsm/token_options.h"

namespace countersign::hsm {

// A key that signs, and how it is called in what is said of it.
struct NamedKey {
  std::string name;
  core::KeyRef ref;  // with its pinned public key
};

struct KeyCheck {
  std::string key;      // its name
  absl::Status status;  // of visible_key.h
};

// One mistake of each token, in the order of the configuration.
struct TokenCheck {
  std::string token;  // configured name
  absl::Status status;
  // Of each key that is in this token, where the token itself is good.
  std::vector<KeyCheck> keys = {};
};

// The errors of Pkcs11Signer::Create up to the login, which does not happen: no
// try of a PIN is spent. What there only delays the start (a token that is
// away) is an error here. The first error of the options alone stands for all.
// Blocks, for the call_timeout of each module at most; a module that does not
// come back is left behind (UNAVAILABLE CALL_STUCK).
std::vector<TokenCheck> CheckTokens(const Pkcs11SignerOptions& options,
                                    const std::vector<NamedKey>& keys = {});

// The first of the tokens' mistakes.
absl::Status FirstError(const std::vector<TokenCheck>& checks);

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_CHECK_TOKEN_H_
