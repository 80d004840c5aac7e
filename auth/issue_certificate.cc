#include "auth/issue_certificate.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "auth/issuing_names.h"
#include "auth/x509_names.h"
#include "base/error.h"
#include "base/openssl.h"
#include "base/status_macros.h"
#include "base/subject_name.h"
#include "base/x509_extensions.h"
#include "base/x509_octets.h"
#include "core/algorithm_identifier.h"

namespace countersign::auth {
namespace {

constexpr size_t kSerialSize = 20;
// The clocks of those who verify may be behind ours.
constexpr absl::Duration kBackdate = absl::Minutes(5);

absl::Status NotValid(const core::IssuingCa& ca, const char* reason,
                      absl::string_view why) {
  base::ErrorDetails details;
  details.reason = reason;
  details.metadata["certificate_authority"] = ca.name;
  return base::MakeError(
      absl::StatusCode::kFailedPrecondition,
      absl::StrCat("the certificate authority \"", ca.name, "\" ", why),
      details);
}

// From X.509's whole seconds.
absl::Time WholeSeconds(absl::Time time) {
  return absl::FromUnixSeconds(absl::ToUnixSeconds(time));
}

absl::StatusOr<ValidityPeriod> ValidityOf(const core::IssuingCa& ca, X509* own,
                                          absl::Duration validity,
                                          absl::Time now) {
  ASSIGN_OR_RETURN(const ValidityPeriod of_ca, ReadValidity(own));
  if (now < of_ca.not_before) {
    return NotValid(
        ca, "ISSUING_CA_NOT_YET_VALID",
        absl::StrCat("is not valid before ", FormatUtc(of_ca.not_before)));
  }
  if (now >= of_ca.not_after) {
    return NotValid(ca, "ISSUING_CA_EXPIRED",
                    absl::StrCat("has ended at ", FormatUtc(of_ca.not_after),
                                 "; it needs a new certificate"));
  }
  ValidityPeriod period;
  period.not_before = std::max(WholeSeconds(now - kBackdate), of_ca.not_before);
  period.not_after = std::min(WholeSeconds(now + validity), of_ca.not_after);
  return period;
}

absl::StatusOr<std::string> SerialFrom(absl::string_view random) {
  if (random.size() != kSerialSize) {
    return absl::InternalError("a serial number is made of 20 random octets");
  }
  std::string serial(random);
  serial[0] = static_cast<char>((serial[0] & 0x3f) | 0x40);
  return serial;
}

absl::StatusOr<std::vector<std::string>> Extensions(
    const core::IssuingCa& ca, absl::string_view ca_identifier,
    absl::string_view spki) {
  std::vector<std::string> extensions = base::CodeSigningExtensions();
  ASSIGN_OR_RETURN(const std::string identifier, base::KeyIdentifier(spki));
  extensions.push_back(base::SubjectKeyIdentifier(identifier));
  extensions.push_back(base::AuthorityKeyIdentifier(ca_identifier));
  if (!ca.crl_url.empty()) {
    extensions.push_back(base::CrlDistributionPoint(ca.crl_url));
  }
  return extensions;
}

}  // namespace

absl::StatusOr<UnsignedCertificate> MakeCertificate(
    const core::IssuingCa& ca, const core::CertificateProfile& profile,
    const CertificateOrder& order) {
  ASSIGN_OR_RETURN(const IssuingNames names, ReadIssuingNames(ca));
  ASSIGN_OR_RETURN(
      const base::X509NamePtr subject,
      base::FillSubject(profile.subject,
                        {{"common_name", order.common_name},
                         {"operation", order.operation.operation},
                         {"product", order.operation.product.product}}));
  RETURN_IF_ERROR(base::ParseSpki(order.spki).status());
  ASSIGN_OR_RETURN(
      const ValidityPeriod validity,
      ValidityOf(ca, names.certificate.get(), profile.validity, order.now));
  UnsignedCertificate out;
  out.not_before = validity.not_before;
  out.not_after = validity.not_after;
  ASSIGN_OR_RETURN(out.serial, SerialFrom(order.serial));
  ASSIGN_OR_RETURN(out.subject, FormatName(subject.get()));
  base::CertificateParts parts;
  parts.serial = out.serial;
  parts.algorithm = core::AlgorithmIdentifier(ca.algorithm, ca.hash);
  parts.issuer = names.subject;
  parts.not_before = out.not_before;
  parts.not_after = out.not_after;
  ASSIGN_OR_RETURN(parts.subject, base::NameDer(subject.get()));
  parts.spki = order.spki;
  ASSIGN_OR_RETURN(parts.extensions,
                   Extensions(ca, names.key_identifier, order.spki));
  out.tbs = base::TbsCertificate(parts);
  ASSIGN_OR_RETURN(out.digest, DigestFor(ca, out.tbs));
  return out;
}

absl::StatusOr<core::CertificateChain> AssembleCertificate(
    const core::IssuingCa& ca, absl::string_view tbs,
    absl::string_view signature) {
  ASSIGN_OR_RETURN(const IssuingNames names, ReadIssuingNames(ca));
  const std::string der = base::AttachSignature(
      tbs, core::AlgorithmIdentifier(ca.algorithm, ca.hash), signature);
  const absl::StatusOr<base::X509Ptr> made = base::ParseCertificateDer(der);
  if (!made.ok()) return absl::InternalError(made.status().message());
  ERR_clear_error();
  X509* own = names.certificate.get();
  if (X509_verify(made->get(), X509_get0_pubkey(own)) != 1) {
    return base::OpensslError(
        absl::StatusCode::kInternal,
        absl::StrCat("the signature is not that of the certificate authority ",
                     ca.name));
  }
  const int fault = X509_check_issued(own, made->get());
  if (fault != X509_V_OK) {
    return absl::InternalError(
        absl::StrCat("not a certificate of the authority ", ca.name, ": ",
                     X509_verify_cert_error_string(fault)));
  }
  core::CertificateChain chain;
  chain.certificates.push_back(der);
  for (const std::string& issuer : ca.certificates) {
    ASSIGN_OR_RETURN(const base::X509Ptr certificate,
                     base::ParseCertificateDer(issuer));
    // A root is left out: who verifies has it already.
    if (X509_NAME_cmp(X509_get_subject_name(certificate.get()),
                      X509_get_issuer_name(certificate.get())) == 0) {
      break;
    }
    chain.certificates.push_back(issuer);
  }
  ASSIGN_OR_RETURN(const ValidityPeriod period, ReadValidity(made->get()));
  chain.not_after = period.not_after;
  return chain;
}

}  // namespace countersign::auth
