// The site's own certificate authority as the configuration names it: its key
// in the HSM, its certificate, and what it puts into the certificates that it
// issues (RFC 5280). A regular value; auth/issue_certificate.h makes the
// octets.
#ifndef COUNTERSIGN_CORE_ISSUING_CA_H_
#define COUNTERSIGN_CORE_ISSUING_CA_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "core/algorithms.h"
#include "core/signer.h"

namespace countersign::core {

// How certificates of one kind look.
struct CertificateProfile {
  std::string id;  // CertificateInfo::profile_id names it
  // RFC 4514 text, most specific attribute first. {common_name}, {product} and
  // {operation} are replaced by the operation's: "CN={common_name},O=Example".
  std::string subject;
  absl::Duration validity = absl::Hours(24 * 365);
  // From so long before its end a certificate is due for renewal.
  absl::Duration renew_before = absl::Hours(24 * 30);

  bool operator==(const CertificateProfile& o) const {
    return id == o.id && subject == o.subject && validity == o.validity &&
           renew_before == o.renew_before;
  }
};

struct IssuingCa {
  std::string name;  // 1..63 of a-z, 0-9 and hyphen
  KeyRef key;        // its spki is that of the certificate
  SignatureAlgorithm algorithm = SignatureAlgorithm::kEcdsa;
  HashAlgorithm hash = HashAlgorithm::kSha256;
  // DER: the CA's own, then its issuers; the last is the root where it is
  // known.
  std::vector<std::string> certificates;
  absl::Time not_after;  // of the CA's own
  // In certificates, as CRL distribution point; empty: none.
  std::string crl_url;
  absl::Duration crl_validity = absl::Hours(24 * 7);
  std::vector<CertificateProfile> profiles;  // 1 or more

  bool operator==(const IssuingCa& o) const {
    return name == o.name && key == o.key && algorithm == o.algorithm &&
           hash == o.hash && certificates == o.certificates &&
           not_after == o.not_after && crl_url == o.crl_url &&
           crl_validity == o.crl_validity && profiles == o.profiles;
  }
};

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_ISSUING_CA_H_
