// Signature algorithms by the names that OCM descriptors and SIGNATURE blocks
// carry, and the media types of signature values (facts of OCM: plain hex or
// PEM). Pure.
#ifndef COUNTERSIGN_CLIENT_ARTIFACT_SIGNATURE_ALGORITHM_H_
#define COUNTERSIGN_CLIENT_ARTIFACT_SIGNATURE_ALGORITHM_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/signature_verifier.h"

namespace countersign::client {

inline constexpr char kMediaTypePem[] = "application/x-pem-file";
inline constexpr char kMediaTypeRsaPkcs1[] =
    "application/vnd.ocm.signature.rsa";
inline constexpr char kMediaTypeRsaPss[] =
    "application/vnd.ocm.signature.rsa.pss";

// "RSASSA-PKCS1-V1_5", "RSASSA-PSS", "ECDSA", "ED25519".
// INVALID_ARGUMENT (SIGNATURE_ALGORITHM_UNKNOWN) for anything else.
absl::StatusOr<base::SignatureScheme> ParseSignatureAlgorithm(
    absl::string_view name);

const char* SignatureAlgorithmName(base::SignatureScheme scheme);

// The media type of a plain (hex) value. INVALID_ARGUMENT for ECDSA and
// ED25519, which component descriptors do not know.
absl::StatusOr<std::string> PlainMediaType(base::SignatureScheme scheme);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_ARTIFACT_SIGNATURE_ALGORITHM_H_
