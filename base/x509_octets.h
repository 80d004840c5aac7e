// Certificates, CRLs and requests as octets in two halves: what is to be
// signed, and the same with its signature (RFC 5280 4.1, 5.1; RFC 2986 4). The
// key is in a token, and between the halves the caller has it used: OpenSSL
// makes these only with a key of its own. Says nothing on what may stand in
// them. Pure.
#ifndef COUNTERSIGN_BASE_X509_OCTETS_H_
#define COUNTERSIGN_BASE_X509_OCTETS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/openssl.h"

namespace countersign::base {

// All parts but the times are DER; extensions each whole (x509_extensions.h).
struct CertificateParts {
  std::string serial;     // octets, big-endian
  std::string algorithm;  // AlgorithmIdentifier of the signature to be
  std::string issuer;
  absl::Time not_before;
  absl::Time not_after;
  std::string subject;
  std::string spki;
  std::vector<std::string> extensions;
};
// TBSCertificate, version 3.
std::string TbsCertificate(const CertificateParts& parts);

struct CrlEntry {
  std::string serial;  // octets, big-endian
  absl::Time time;
  std::vector<std::string> extensions;
};
struct CrlParts {
  std::string algorithm;
  std::string issuer;
  absl::Time this_update;
  absl::Time next_update;
  std::vector<CrlEntry> entries;
  std::vector<std::string> extensions;
};
// TBSCertList, version 2.
std::string TbsCertList(const CrlParts& parts);

// CertificationRequestInfo, with an extensionRequest attribute (RFC 2985
// 5.4.2).
std::string CertificationRequestInfo(
    absl::string_view subject, absl::string_view spki,
    const std::vector<std::string>& extensions);

// Of any of them: SEQUENCE of what was signed, the AlgorithmIdentifier, and the
// signature.
std::string AttachSignature(absl::string_view to_be_signed,
                            absl::string_view algorithm,
                            absl::string_view signature);

// UTCTime through 2049, GeneralizedTime from 2050 on (RFC 5280 4.1.2.5); whole
// seconds, the rest is dropped.
std::string DerTime(absl::Time time);

absl::StatusOr<std::string> NameDer(const X509_NAME* name);

// INVALID_ARGUMENT where `der` is no CRL.
using X509CrlPtr = std::unique_ptr<X509_CRL, SslDeleter<X509_CRL_free>>;
absl::StatusOr<X509CrlPtr> ParseCrlDer(absl::string_view der);

}  // namespace countersign::base

#endif  // COUNTERSIGN_BASE_X509_OCTETS_H_
