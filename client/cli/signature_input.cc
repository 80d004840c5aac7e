#include "client/cli/signature_input.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/artifact/certificate_chain.h"
#include "client/artifact/public_key.h"
#include "client/artifact/signature_algorithm.h"

namespace countersign::client {
namespace {

absl::Status Wrong(const char* reason, const std::string& text) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, text,
                         Because(reason));
}

absl::Status CheckScheme(const SignatureInput& input, const Trust& trust) {
  if (!input.names_algorithm || !trust.scheme.has_value() ||
      *trust.scheme == input.signature.scheme) {
    return absl::OkStatus();
  }
  return Wrong(
      "SIGNATURE_INVALID",
      absl::StrCat("the signature is of ",
                   SignatureAlgorithmName(input.signature.scheme), ", not of ",
                   SignatureAlgorithmName(*trust.scheme)));
}

absl::Status VerifyWithKey(const SignatureInput& input,
                           absl::string_view digest, HashAlgorithm hash,
                           const Trust& trust) {
  ASSIGN_OR_RETURN(const std::string spki, ReadPublicKey(trust.public_key_pem));
  base::SignatureScheme scheme = input.signature.scheme;
  if (!input.names_algorithm) {
    if (trust.scheme.has_value()) {
      scheme = *trust.scheme;
    } else {
      ASSIGN_OR_RETURN(scheme, DefaultScheme(spki));
    }
  }
  return VerifyRawSignature(input.signature.signature, digest, hash, scheme,
                            spki);
}

}  // namespace

absl::StatusOr<SignatureInput> ReadSignature(absl::string_view octets) {
  SignatureInput input;
  if (absl::StrContains(octets, "-----BEGIN")) {
    ASSIGN_OR_RETURN(input.signature, ParseDetachedSignature(octets));
    input.names_algorithm = true;
    return input;
  }
  if (octets.empty()) {
    return Wrong("SIGNATURE_UNREADABLE", "the signature is empty");
  }
  const auto decoded = base::Base64Decode(absl::StripAsciiWhitespace(octets));
  // Raw octets that are base64 text by chance do not occur: an RSA signature
  // has 256 octets or more, an ECDSA one begins with 0x30 and a length that is
  // no letter.
  input.signature.signature =
      decoded.ok() && !decoded->empty() ? *decoded : std::string(octets);
  return input;
}

absl::StatusOr<std::string> VerifySignature(const SignatureInput& input,
                                            absl::string_view digest,
                                            HashAlgorithm hash,
                                            const Trust& trust) {
  if (trust.public_key_pem.empty() && trust.roots_pem.empty()) {
    return Wrong("TRUST_MISSING",
                 "nothing to verify with: give --public-key or --root");
  }
  RETURN_IF_ERROR(CheckScheme(input, trust));
  if (!trust.public_key_pem.empty()) {
    RETURN_IF_ERROR(VerifyWithKey(input, digest, hash, trust));
  }
  if (trust.roots_pem.empty()) return std::string();
  if (input.signature.certificates.empty()) {
    return Wrong("CERTIFICATE_UNTRUSTED",
                 "the signature has no certificates that could lead to --root; "
                 "use --public-key");
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> roots,
                   ReadCertificates(trust.roots_pem));
  RETURN_IF_ERROR(
      VerifyDetachedSignature(input.signature, digest, hash, roots, trust.now));
  return CertificateSubject(input.signature.certificates[0]);
}

}  // namespace countersign::client
