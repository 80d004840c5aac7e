// The names that a signing certificate vouches for: its subjectAltName (RFC
// 5280 4.2.1.6). Called by signature_check and, to warn of what cosign would
// not see, by the sign commands. Pure.
#ifndef COUNTERSIGN_CLIENT_SIGSTORE_CERTIFICATE_NAMES_H_
#define COUNTERSIGN_CLIENT_SIGSTORE_CERTIFICATE_NAMES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace countersign::client {

struct CertificateNames {
  std::vector<std::string> uris;
  std::vector<std::string> emails;
  std::vector<std::string> dns;

  bool Holds(absl::string_view name) const;
  // "URI ..., DNS ..."; "no name" where there is none.
  std::string Format() const;
};

// Other kinds of names are left out, names with a zero octet too.
// INVALID_ARGUMENT where `der` is no certificate.
absl::StatusOr<CertificateNames> ReadCertificateNames(absl::string_view der);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_SIGSTORE_CERTIFICATE_NAMES_H_
