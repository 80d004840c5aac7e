// Certificate signing requests (PKCS#10, RFC 2986) for keys that live in a
// token, in two halves: what is to be signed, and the request with its
// signature. No token in it: between the halves the caller has it signed. Pure.
#ifndef COUNTERSIGN_HSM_CSR_H_
#define COUNTERSIGN_HSM_CSR_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/algorithms.h"

namespace countersign::hsm {

// CertificationRequestInfo, DER, for a subject such as "CN=Signing,O=Example"
// (base/subject_name.h). It asks for what a code signer's certificate has: key
// usage digitalSignature, extended key usage codeSigning, CA:FALSE
// (extensionRequest, RFC 2985 5.4.2). Its digest is what the key signs; an
// Ed25519 key signs it itself. INVALID_ARGUMENT where the subject or the public
// key is wrong.
absl::StatusOr<std::string> CsrToBeSigned(absl::string_view spki_der,
                                          absl::string_view subject);

// The same for the key of a CA, whose certificate a root outside shall sign:
// CA:TRUE with the path length, keyCertSign and cRLSign.
absl::StatusOr<std::string> CaCsrToBeSigned(absl::string_view spki_der,
                                            absl::string_view subject,
                                            std::optional<int> path_length);

// The algorithm with which a CSR is signed by default: PKCS#1 v1.5, which every
// CA takes, ECDSA or Ed25519.
core::SignatureAlgorithm CsrAlgorithm(core::KeyType key);

// The request as PEM. `signature` as core::SignResult has it (ECDSA as DER),
// over the digest of `to_be_signed`, or over itself with kUnhashed.
// INVALID_ARGUMENT where it does not verify, or where no such CSR can be.
absl::StatusOr<std::string> AssembleCsr(absl::string_view to_be_signed,
                                        core::SignatureAlgorithm algorithm,
                                        core::HashAlgorithm hash,
                                        absl::string_view signature);

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_CSR_H_
