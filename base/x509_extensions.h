// The X.509 extensions that countersign writes, as DER: into certificates and
// CRLs (RFC 5280 4.2, 5.2, 5.3) and into what is asked of a CA outside (RFC
// 2985 5.4.2). Those that issue and those that ask use the same. Pure.
#ifndef COUNTERSIGN_BASE_X509_EXTENSIONS_H_
#define COUNTERSIGN_BASE_X509_EXTENSIONS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace countersign::base {

// What a code signer's certificate says of itself: CA:FALSE (critical), key
// usage digitalSignature (critical), extended key usage codeSigning.
std::vector<std::string> CodeSigningExtensions();

// What a CA's certificate says of itself: CA:TRUE with the path length, where
// there is one (critical), key usage keyCertSign and cRLSign (critical).
std::vector<std::string> CaExtensions(std::optional<int> path_length);

// The identifier of a key: 160 bits of SHA-256 over the bits of the public key
// (RFC 7093 2, method 1). It identifies and protects nothing. INVALID_ARGUMENT
// where `spki` is broken.
absl::StatusOr<std::string> KeyIdentifier(absl::string_view spki);
// subjectKeyIdentifier and authorityKeyIdentifier (keyIdentifier alone).
std::string SubjectKeyIdentifier(absl::string_view identifier);
std::string AuthorityKeyIdentifier(absl::string_view identifier);

// One distribution point, fullName, a URL of ASCII (RFC 5280 4.2.1.13).
std::string CrlDistributionPoint(absl::string_view url);

// Of a CRL (RFC 5280 5.2.3); `number` is not negative.
std::string CrlNumber(int64_t number);
// Of an entry (RFC 5280 5.3.1), with the number of CRLReason: 1..10.
std::string CrlReason(int reason);

}  // namespace countersign::base

#endif  // COUNTERSIGN_BASE_X509_EXTENSIONS_H_
