// Certificates in one PKCS#7 container, as `openssl crl2pkcs7 -nocrl` makes it
// and Windows takes it (.p7b): SignedData that signs nothing (RFC 2315 9.1, the
// "degenerate case"). Writing only. Pure.
#ifndef COUNTERSIGN_BASE_PKCS7_H_
#define COUNTERSIGN_BASE_PKCS7_H_

#include <string>
#include <vector>

namespace countersign::base {

// DER of a ContentInfo; `certificates` are DER and keep their order.
std::string Pkcs7Certificates(const std::vector<std::string>& certificates);

}  // namespace countersign::base

#endif  // COUNTERSIGN_BASE_PKCS7_H_
