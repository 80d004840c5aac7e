// Whether one signature over some octets is good for whom the user trusts: by a
// public key, or by a certificate that leads to a root and bears a name. Called
// by image_verification and the blob and attestation commands. Pure.
#ifndef COUNTERSIGN_CLIENT_SIGSTORE_SIGNATURE_CHECK_H_
#define COUNTERSIGN_CLIENT_SIGSTORE_SIGNATURE_CHECK_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/artifact/hash_algorithm.h"

namespace countersign::client {

// A key, roots, or both; then both must hold.
struct SigstoreTrust {
  std::string spki_der;            // empty: no key
  std::vector<std::string> roots;  // DER
  std::string identity;            // a subjectAltName; empty: any
  absl::Time now;
};

// OK with who signed ("CN=..., URI ..."; empty for a bare key).
// `certificates`: DER, leaf first, intermediates may follow. INVALID_ARGUMENT:
// SIGNATURE_INVALID, KEY_UNSUPPORTED, CERTIFICATE_UNTRUSTED, IDENTITY_MISMATCH,
// TRUST_MISSING.
absl::StatusOr<std::string> CheckSigstoreSignature(
    absl::string_view signed_octets, absl::string_view signature,
    const std::vector<std::string>& certificates, const SigstoreTrust& trust);

// The same where only the digest is there, of a large file.
absl::StatusOr<std::string> CheckSigstoreDigest(
    absl::string_view digest, HashAlgorithm hash, absl::string_view signature,
    const std::vector<std::string>& certificates, const SigstoreTrust& trust);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_SIGSTORE_SIGNATURE_CHECK_H_
