#include "client/cli/signature_input.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/artifact/certificate_chain.h"
#include "client/artifact/ecdsa_form.h"
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
                           const SignedContent& content,
                           base::SignatureScheme scheme, const Trust& trust) {
  ASSIGN_OR_RETURN(const std::string spki, ReadPublicKey(trust.public_key_pem));
  const std::string& signature = input.signature.signature;
  if (content.message) {
    return VerifyMessageSignature(signature, content.octets, spki);
  }
  const absl::Status status =
      VerifyRawSignature(signature, content.octets, content.hash, scheme, spki);
  if (status.ok() || scheme != base::SignatureScheme::kEcdsa) return status;
  // By its length it may be of the other form.
  const auto der = DerFromFixedWidth(signature, spki);
  if (!der.has_value()) return status;
  return VerifyRawSignature(*der, content.octets, content.hash, scheme, spki);
}

absl::Status VerifyWithRoots(const SignatureInput& input,
                             const SignedContent& content, const Trust& trust) {
  if (input.signature.certificates.empty()) {
    return Wrong("CERTIFICATE_UNTRUSTED",
                 "the signature has no certificates that could lead to --root; "
                 "use --public-key");
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> roots,
                   ReadCertificates(trust.roots_pem));
  if (content.message) {
    return VerifyDetachedMessage(input.signature, content.octets, roots,
                                 trust.now);
  }
  return VerifyDetachedSignature(input.signature, content.octets, content.hash,
                                 roots, trust.now);
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
  // Raw octets that are base64 text by chance do not occur: a signature has 64
  // octets or more, of which each is one of 65 characters in 256.
  input.signature.signature =
      decoded.ok() && !decoded->empty() ? *decoded : std::string(octets);
  return input;
}

absl::StatusOr<base::SignatureScheme> SchemeToVerify(
    const SignatureInput& input, const Trust& trust) {
  if (input.names_algorithm) return input.signature.scheme;
  if (trust.scheme.has_value()) return *trust.scheme;
  // A bare signature without a key is refused later, by name.
  if (trust.public_key_pem.empty()) return base::SignatureScheme::kRsaPkcs1;
  ASSIGN_OR_RETURN(const std::string spki, ReadPublicKey(trust.public_key_pem));
  return DefaultScheme(spki);
}

absl::StatusOr<std::string> VerifySignature(const SignatureInput& input,
                                            const SignedContent& content,
                                            const Trust& trust) {
  if (trust.public_key_pem.empty() && trust.roots_pem.empty()) {
    return Wrong("TRUST_MISSING",
                 "nothing to verify with: give --public-key or --root");
  }
  RETURN_IF_ERROR(CheckScheme(input, trust));
  ASSIGN_OR_RETURN(const base::SignatureScheme scheme,
                   SchemeToVerify(input, trust));
  if (scheme == base::SignatureScheme::kEd25519 && !content.message) {
    return Wrong("DIGEST_NOT_POSSIBLE",
                 "ED25519 signs messages, not digests: verify the message with "
                 "countersign verify blob FILE");
  }
  if (!trust.public_key_pem.empty()) {
    RETURN_IF_ERROR(VerifyWithKey(input, content, scheme, trust));
  }
  if (trust.roots_pem.empty()) return std::string();
  RETURN_IF_ERROR(VerifyWithRoots(input, content, trust));
  return CertificateSubject(input.signature.certificates[0]);
}

}  // namespace countersign::client
