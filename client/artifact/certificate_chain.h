// Whether a signing certificate can be traced to a trusted root at a given
// time: RFC 5280 path validation by OpenSSL, and on top what code signing asks:
// CA certificates say that they are, extended key usage (where it is there)
// lists codeSigning on the whole way. No revocation check. Called by the
// verifiers. Pure: `now` is an argument.
#ifndef COUNTERSIGN_CLIENT_ARTIFACT_CERTIFICATE_CHAIN_H_
#define COUNTERSIGN_CLIENT_ARTIFACT_CERTIFICATE_CHAIN_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace countersign::client {

// The certificates (DER) of a PEM text, in order; other blocks are skipped.
// INVALID_ARGUMENT (CERTIFICATES_UNREADABLE), also where there is none.
absl::StatusOr<std::vector<std::string>> ReadCertificates(
    absl::string_view pem);

// `certificates`: leaf first, the others in any order (self-signed ones among
// them are not trusted for being there). `roots`: what is trusted.
// INVALID_ARGUMENT (CERTIFICATE_UNTRUSTED) with OpenSSL's reason, the subject
// and the depth at which the way ended.
absl::Status CheckCertificateChain(const std::vector<std::string>& certificates,
                                   const std::vector<std::string>& roots,
                                   absl::Time now);

// SubjectPublicKeyInfo, DER, and names in RFC 2253 order ("CN=x,O=y").
absl::StatusOr<std::string> CertificateSpki(absl::string_view der);
absl::StatusOr<std::string> CertificateSubject(absl::string_view der);
absl::StatusOr<std::string> CertificateCommonName(absl::string_view der);
// Subject and issuer equal and signed with its own key.
bool IsSelfSigned(absl::string_view der);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_ARTIFACT_CERTIFICATE_CHAIN_H_
