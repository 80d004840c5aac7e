// The certificate chain that a key version shall be published with: checked
// when it is uploaded, so that no signature goes out with a chain that nobody
// can verify. It does not judge whether the root is to be trusted: those who
// verify decide that. The handler of SetCertificateChain calls it.
#ifndef COUNTERSIGN_AUTH_CERTIFICATE_CHAIN_H_
#define COUNTERSIGN_AUTH_CERTIFICATE_CHAIN_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/product.h"

namespace countersign::auth {

// `pem` holds 1..10 CERTIFICATE blocks in at most 64 KiB, leaf first, each
// issued by the next, the root left out; `spki` is the key version's pinned
// SubjectPublicKeyInfo, DER. The leaf must be for code signing (extended key
// usage codeSigning, key usage digitalSignature, no CA), the others CAs that
// may sign certificates; all valid at `now`, none with a key or hash under 112
// bits of strength (SHA-1, RSA-1024).
// INVALID_ARGUMENT, reason BAD_CERTIFICATE_CHAIN: the first fault, with what
// would be right; metadata "certificate" is its place, from 1.
absl::StatusOr<core::CertificateChain> CheckCertificateChain(
    absl::string_view pem, absl::string_view spki, absl::Time now);

}  // namespace countersign::auth

#endif  // COUNTERSIGN_AUTH_CERTIFICATE_CHAIN_H_
