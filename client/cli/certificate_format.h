// Certificates as files that other tools take, from the PEM that the server
// gives. Pure. Called by `key chain` and `ca chain`.
#ifndef COUNTERSIGN_CLIENT_CLI_CERTIFICATE_FORMAT_H_
#define COUNTERSIGN_CLIENT_CLI_CERTIFICATE_FORMAT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace countersign::client {

// How --format says it.
inline constexpr char kFormatPem[] = "pem";  // CERTIFICATE blocks
inline constexpr char kFormatP7b[] = "p7b";  // one PKCS7 block (base/pkcs7.h)
inline constexpr char kFormatDer[] = "der";  // the first certificate alone

// DER of each. INTERNAL (BAD_CERTIFICATE) where the server's text is none.
absl::StatusOr<std::vector<std::string>> CertificatesOf(absl::string_view pem);

// `certificates` is not empty.
std::string FormatCertificates(const std::vector<std::string>& certificates,
                               absl::string_view format);

// The last, where it is a root: issued by itself. NOT_FOUND (ROOT_UNKNOWN)
// where `chain` ends before one.
absl::StatusOr<std::string> RootOf(const std::vector<std::string>& chain);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_CERTIFICATE_FORMAT_H_
