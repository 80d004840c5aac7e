#include "hsm/self_signed_ca.h"

#include <utility>

#include "base/openssl.h"
#include "base/status_macros.h"
#include "base/subject_name.h"
#include "base/x509_extensions.h"
#include "base/x509_octets.h"
#include "core/algorithm_identifier.h"
#include "hsm/csr.h"
#include "hsm/public_key.h"

namespace countersign::hsm {
namespace {

absl::StatusOr<std::string> AlgorithmOf(const SelfSignedCa& ca) {
  ASSIGN_OR_RETURN(const core::KeyType type, SpkiKeyType(ca.spki));
  return core::AlgorithmIdentifier(CsrAlgorithm(type), core::DefaultHash(type));
}

}  // namespace

absl::StatusOr<std::string> SelfSignedToBeSigned(const SelfSignedCa& ca) {
  if (ca.serial.empty() || ca.not_after <= ca.not_before) {
    return absl::InvalidArgumentError(
        "a certificate needs a serial number and an end after its beginning");
  }
  ASSIGN_OR_RETURN(const base::X509NamePtr name,
                   base::ParseSubject(ca.subject));
  base::CertificateParts parts;
  ASSIGN_OR_RETURN(parts.algorithm, AlgorithmOf(ca));
  ASSIGN_OR_RETURN(parts.subject, base::NameDer(name.get()));
  ASSIGN_OR_RETURN(const std::string identifier, base::KeyIdentifier(ca.spki));
  parts.issuer = parts.subject;
  parts.serial = ca.serial;
  parts.serial[0] = static_cast<char>((parts.serial[0] & 0x3f) | 0x40);
  parts.not_before = ca.not_before;
  parts.not_after = ca.not_after;
  parts.spki = ca.spki;
  parts.extensions = base::CaExtensions(ca.path_length);
  parts.extensions.push_back(base::SubjectKeyIdentifier(identifier));
  return base::TbsCertificate(parts);
}

absl::StatusOr<std::string> AssembleSelfSigned(const SelfSignedCa& ca,
                                               absl::string_view to_be_signed,
                                               absl::string_view signature) {
  ASSIGN_OR_RETURN(const std::string algorithm, AlgorithmOf(ca));
  std::string der = base::AttachSignature(to_be_signed, algorithm, signature);
  ASSIGN_OR_RETURN(const base::X509Ptr made, base::ParseCertificateDer(der));
  ERR_clear_error();
  if (X509_verify(made.get(), X509_get0_pubkey(made.get())) != 1) {
    return base::OpensslError(
        absl::StatusCode::kInvalidArgument,
        "the signature does not fit the certificate and its key");
  }
  return der;
}

}  // namespace countersign::hsm
