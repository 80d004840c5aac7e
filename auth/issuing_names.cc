#include "auth/issuing_names.h"

#include <cstddef>

#include "base/status_macros.h"
#include "base/x509_octets.h"

namespace countersign::auth {

absl::StatusOr<IssuingNames> ReadIssuingNames(const core::IssuingCa& ca) {
  if (ca.certificates.empty()) {
    return absl::InternalError("a certificate authority without certificate");
  }
  IssuingNames names;
  ASSIGN_OR_RETURN(names.certificate,
                   base::ParseCertificateDer(ca.certificates.front()));
  ASSIGN_OR_RETURN(
      names.subject,
      base::NameDer(X509_get_subject_name(names.certificate.get())));
  const ASN1_OCTET_STRING* identifier =
      X509_get0_subject_key_id(names.certificate.get());
  if (identifier == nullptr) {
    return absl::InternalError(
        "a certificate authority without subject key identifier");
  }
  names.key_identifier.assign(
      reinterpret_cast<const char*>(ASN1_STRING_get0_data(identifier)),
      static_cast<size_t>(ASN1_STRING_length(identifier)));
  return names;
}

absl::StatusOr<std::string> DigestFor(const core::IssuingCa& ca,
                                      absl::string_view octets) {
  switch (ca.hash) {
    case core::HashAlgorithm::kSha256:
      return base::Digest("SHA256", octets);
    case core::HashAlgorithm::kSha384:
      return base::Digest("SHA384", octets);
    case core::HashAlgorithm::kSha512:
      return base::Digest("SHA512", octets);
    case core::HashAlgorithm::kUnhashed:
      break;
  }
  return absl::InternalError("a certificate authority that signs no digests");
}

}  // namespace countersign::auth
