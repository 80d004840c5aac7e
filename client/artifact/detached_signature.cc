#include "client/artifact/detached_signature.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/openssl.h"
#include "base/pem.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"
#include "client/artifact/certificate_chain.h"
#include "client/artifact/signature_algorithm.h"

namespace countersign::client {
namespace {

constexpr char kUnreadable[] = "SIGNATURE_UNREADABLE";
constexpr char kHeader[] = "Signature Algorithm";

absl::StatusOr<base::SignatureScheme> SchemeOf(const base::PemBlock& block) {
  std::string name;
  for (const auto& [key, value] : block.headers) {
    if (key != kHeader) continue;
    if (!name.empty()) {
      return BadInput(kUnreadable, absl::StrCat("two headers ", kHeader));
    }
    name = value;
  }
  if (name.empty()) {
    return BadInput(
        kUnreadable,
        absl::StrCat("the SIGNATURE block has no header ", kHeader));
  }
  return ParseSignatureAlgorithm(name);
}

absl::StatusOr<std::string> LeafSpki(const DetachedSignature& signature) {
  if (!signature.certificates.empty()) {
    return CertificateSpki(signature.certificates[0]);
  }
  return BadInput("CERTIFICATE_UNTRUSTED",
                  "the signature comes without certificates: a root "
                  "certificate cannot verify it, a public key can");
}

absl::Status Verified(absl::StatusOr<base::SignatureVerifier> verifier,
                      absl::string_view content, absl::string_view signature) {
  const absl::Status status =
      verifier.ok() ? verifier->Verify(content, signature) : verifier.status();
  if (status.ok()) return status;
  return BadInput(
      "SIGNATURE_INVALID",
      absl::StrCat("the signature is not good: ", status.message()));
}

}  // namespace

absl::StatusOr<DetachedSignature> ParseDetachedSignature(
    absl::string_view pem) {
  const absl::StatusOr<std::vector<base::PemBlock>> blocks =
      base::ParsePem(pem);
  if (!blocks.ok()) return BadInput(kUnreadable, blocks.status().message());
  DetachedSignature result;
  bool found = false;
  for (const base::PemBlock& block : *blocks) {
    if (block.label == "CERTIFICATE") {
      const absl::Status status =
          base::ParseCertificateDer(block.contents).status();
      if (!status.ok()) return BadInput(kUnreadable, status.message());
      result.certificates.push_back(block.contents);
    } else if (block.label == "SIGNATURE" && !found) {
      found = true;
      ASSIGN_OR_RETURN(result.scheme, SchemeOf(block));
      result.signature = block.contents;
    }
  }
  if (!found || result.signature.empty()) {
    return BadInput(kUnreadable, found ? "the SIGNATURE block is empty"
                                       : "no SIGNATURE block");
  }
  return result;
}

std::string FormatDetachedSignature(const DetachedSignature& signature) {
  base::PemBlock block;
  block.label = "SIGNATURE";
  block.headers.emplace_back(kHeader, SignatureAlgorithmName(signature.scheme));
  block.contents = signature.signature;
  std::string text = base::FormatPem(block);
  for (size_t i = 0; i < signature.certificates.size(); ++i) {
    if (i > 0 && IsSelfSigned(signature.certificates[i])) continue;
    base::PemBlock certificate;
    certificate.label = "CERTIFICATE";
    certificate.contents = signature.certificates[i];
    absl::StrAppend(&text, base::FormatPem(certificate));
  }
  return text;
}

absl::Status VerifyDetachedSignature(const DetachedSignature& signature,
                                     absl::string_view digest,
                                     HashAlgorithm hash,
                                     const std::vector<std::string>& roots,
                                     absl::Time now) {
  ASSIGN_OR_RETURN(const std::string spki, LeafSpki(signature));
  RETURN_IF_ERROR(VerifyRawSignature(signature.signature, digest, hash,
                                     signature.scheme, spki));
  return CheckCertificateChain(signature.certificates, roots, now);
}

absl::Status VerifyDetachedMessage(const DetachedSignature& signature,
                                   absl::string_view message,
                                   const std::vector<std::string>& roots,
                                   absl::Time now) {
  ASSIGN_OR_RETURN(const std::string spki, LeafSpki(signature));
  RETURN_IF_ERROR(VerifyMessageSignature(signature.signature, message, spki));
  return CheckCertificateChain(signature.certificates, roots, now);
}

absl::Status VerifyRawSignature(absl::string_view signature,
                                absl::string_view digest, HashAlgorithm hash,
                                base::SignatureScheme scheme,
                                absl::string_view spki_der) {
  return Verified(
      base::SignatureVerifier::Create(spki_der, scheme, OpensslHashName(hash)),
      digest, signature);
}

absl::Status VerifyMessageSignature(absl::string_view signature,
                                    absl::string_view message,
                                    absl::string_view spki_der) {
  return Verified(base::SignatureVerifier::Create(
                      spki_der, base::SignatureScheme::kEd25519, ""),
                  message, signature);
}

absl::StatusOr<base::SignatureScheme> DefaultScheme(
    absl::string_view spki_der) {
  ASSIGN_OR_RETURN(const base::EvpPkeyPtr key, base::ParseSpki(spki_der));
  switch (EVP_PKEY_get_base_id(key.get())) {
    case EVP_PKEY_RSA:
      return base::SignatureScheme::kRsaPkcs1;
    case EVP_PKEY_RSA_PSS:
      return base::SignatureScheme::kRsaPss;
    case EVP_PKEY_EC:
      return base::SignatureScheme::kEcdsa;
    case EVP_PKEY_ED25519:
      return base::SignatureScheme::kEd25519;
    default:
      return BadInput("PUBLIC_KEY_UNREADABLE",
                      "the key is neither RSA nor elliptic curve nor Ed25519");
  }
}

}  // namespace countersign::client
