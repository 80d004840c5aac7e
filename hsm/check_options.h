// What of a signer's options can be judged before any module is touched.
#ifndef COUNTERSIGN_HSM_CHECK_OPTIONS_H_
#define COUNTERSIGN_HSM_CHECK_OPTIONS_H_

#include "absl/status/status.h"
#include "hsm/token_options.h"

namespace countersign::hsm {

// INVALID_ARGUMENT BAD_SIGNER_OPTIONS or TOKEN_TWICE, or errors of
// base::ReadSecretFile for a PIN file.
absl::Status CheckOptions(const Pkcs11SignerOptions& options);

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_CHECK_OPTIONS_H_
