// A signature with the certificates that vouch for it, in one PEM text: block
// SIGNATURE with the header "Signature Algorithm", then leaf, then
// intermediates. What a DETACHED_SIGNATURE operation answers and what PEM
// signatures of component descriptors hold. Also bare signatures with a bare
// key. Called by verify_descriptor, descriptor_signature and the CLI. Pure.
#ifndef COUNTERSIGN_CLIENT_ARTIFACT_DETACHED_SIGNATURE_H_
#define COUNTERSIGN_CLIENT_ARTIFACT_DETACHED_SIGNATURE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/signature_verifier.h"
#include "client/artifact/hash_algorithm.h"

namespace countersign::client {

struct DetachedSignature {
  base::SignatureScheme scheme = base::SignatureScheme::kRsaPkcs1;
  std::string signature;                  // octets
  std::vector<std::string> certificates;  // DER, leaf first; may be empty
};

// The first SIGNATURE block, wherever it stands, and all certificates in their
// order; other blocks and text are skipped. INVALID_ARGUMENT
// (SIGNATURE_UNREADABLE) where there is no SIGNATURE, it is empty, or its
// header is missing or names no known algorithm.
absl::StatusOr<DetachedSignature> ParseDetachedSignature(absl::string_view pem);

// The form that both OCM tools read: SIGNATURE first, then the certificates,
// without self-signed issuers (with a root inside, the new OCM CLI refuses).
std::string FormatDetachedSignature(const DetachedSignature& signature);

// The signature is good for `digest` with the leaf's key, and the leaf leads to
// one of `roots` (DER) at `now`. INVALID_ARGUMENT: SIGNATURE_INVALID,
// CERTIFICATE_UNTRUSTED.
absl::Status VerifyDetachedSignature(const DetachedSignature& signature,
                                     absl::string_view digest,
                                     HashAlgorithm hash,
                                     const std::vector<std::string>& roots,
                                     absl::Time now);

// The same for a signature over a message itself: ED25519.
absl::Status VerifyDetachedMessage(const DetachedSignature& signature,
                                   absl::string_view message,
                                   const std::vector<std::string>& roots,
                                   absl::Time now);

// A bare signature (RSA: octets of the modulus; ECDSA: DER) against a key, DER.
// INVALID_ARGUMENT (SIGNATURE_INVALID), for ED25519 always: it signs messages,
// and no digest is taken for one by mistake.
absl::Status VerifyRawSignature(absl::string_view signature,
                                absl::string_view digest, HashAlgorithm hash,
                                base::SignatureScheme scheme,
                                absl::string_view spki_der);

// A bare ED25519 signature over the message itself (RFC 8032 5.1).
// INVALID_ARGUMENT (SIGNATURE_INVALID).
absl::Status VerifyMessageSignature(absl::string_view signature,
                                    absl::string_view message,
                                    absl::string_view spki_der);

// The scheme that fits the key where nobody named one: RSASSA-PKCS1-V1_5, ECDSA
// or ED25519; RSASSA-PSS only for a key that is bound to it.
absl::StatusOr<base::SignatureScheme> DefaultScheme(absl::string_view spki_der);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_ARTIFACT_DETACHED_SIGNATURE_H_
