// A caller's certificate as an identity: which subject the certificate vouches
// for, in one spelling, or why it vouches for nobody. Pure: it does not decide
// whether the certificate is to be trusted (the TLS handshake has done that)
// nor which groups the subject is in (group_rules.h). Authenticator calls it.
#ifndef COUNTERSIGN_AUTH_CERTIFICATE_IDENTITY_H_
#define COUNTERSIGN_AUTH_CERTIFICATE_IDENTITY_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace countersign::auth {

struct CertificateIdentity {
  // The first of these that the certificate has:
  //   a URI SAN of SPIFFE form     "spiffe://example.org/ci/build"
  //   an e-mail SAN (lower case)   "email:ann@example.org"
  //   a distinguished name         "subject:CN=Ann,O=Example"
  std::string subject;
  // The issuer's distinguished name.
  std::string issuer;
  // SHA-256 of the DER, lower-case hex.
  std::string fingerprint;
  absl::Time not_before;
  absl::Time not_after;

  // RFC 5280 4.1.2.5: both ends belong to the period.
  bool ValidAt(absl::Time now) const {
    return not_before <= now && now <= not_after;
  }
  bool operator==(const CertificateIdentity& o) const {
    return subject == o.subject && issuer == o.issuer &&
           fingerprint == o.fingerprint && not_before == o.not_before &&
           not_after == o.not_after;
  }
};

// `certificate` is DER, or PEM with one CERTIFICATE block; at most 64 KiB.
// Distinguished names are RFC 2253 text in UTF-8. All errors are
// UNAUTHENTICATED, reason UNKNOWN_IDENTITY: not a certificate, not valid at
// `now`, a CA's, made for other uses than clients, without any name, with two
// e-mail or URI names (which one would it be?), with a malformed one, or with
// control characters in any.
absl::StatusOr<CertificateIdentity> IdentifyCertificate(
    absl::string_view certificate, absl::Time now);

}  // namespace countersign::auth

#endif  // COUNTERSIGN_AUTH_CERTIFICATE_IDENTITY_H_
