// Whether a module loads and has a token, without touching its PIN: for
// `countersignd --check`. Not a part of signing.
#ifndef COUNTERSIGN_HSM_CHECK_TOKEN_H_
#define COUNTERSIGN_HSM_CHECK_TOKEN_H_

#include <string>

#include "absl/status/status.h"

namespace countersign::hsm {

// The errors of Pkcs11Signer::Create up to the login, which does not happen: no
// try of the PIN is spent. Blocks.
absl::Status CheckToken(const std::string& module_path,
                        const std::string& token_label);

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_CHECK_TOKEN_H_
