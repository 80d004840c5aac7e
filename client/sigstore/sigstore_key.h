// Which keys may sign in sigstore's formats: those that every released cosign
// and skopeo verifies without a flag, which is SHA-256 with ECDSA on P-256,
// P-384 and P-521, or RSASSA-PKCS1-V1_5 from 2048 bits on. Called by the sign
// commands before anybody is asked, and by signature_check. Pure.
#ifndef COUNTERSIGN_CLIENT_SIGSTORE_SIGSTORE_KEY_H_
#define COUNTERSIGN_CLIENT_SIGSTORE_SIGSTORE_KEY_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/signature_verifier.h"
#include "client/artifact/hash_algorithm.h"

namespace countersign::client {

// How that key (SPKI, DER) signs a SHA-256 here. INVALID_ARGUMENT
// (KEY_UNSUPPORTED) says why it does not, and which keys do.
absl::StatusOr<base::SignatureScheme> SigstoreScheme(
    absl::string_view spki_der);

// The hashes that a signature of that key may have been made with: SHA-256, and
// what cosign 3 takes for its own P-384 and P-521 keys. Same error.
absl::StatusOr<std::vector<HashAlgorithm>> SigstoreHashes(
    absl::string_view spki_der);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_SIGSTORE_SIGSTORE_KEY_H_
