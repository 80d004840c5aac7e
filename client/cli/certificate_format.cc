#include "client/cli/certificate_format.h"

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/openssl.h"
#include "base/pem.h"
#include "base/pkcs7.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"

namespace countersign::client {
namespace {

absl::Status Unreadable(absl::string_view why) {
  return base::MakeError(
      absl::StatusCode::kInternal,
      absl::StrCat("the server's certificates cannot be read: ", why),
      Because("BAD_CERTIFICATE"));
}

}  // namespace

absl::StatusOr<std::vector<std::string>> CertificatesOf(absl::string_view pem) {
  const absl::StatusOr<std::vector<base::PemBlock>> blocks =
      base::ParsePem(pem);
  if (!blocks.ok()) return Unreadable(blocks.status().message());
  std::vector<std::string> certificates;
  for (const base::PemBlock& block : *blocks) {
    if (block.label == "CERTIFICATE") certificates.push_back(block.contents);
  }
  if (certificates.empty()) return Unreadable("there is none");
  return certificates;
}

std::string FormatCertificates(const std::vector<std::string>& certificates,
                               absl::string_view format) {
  if (format == kFormatDer) return certificates.front();
  if (format == kFormatP7b) {
    return base::FormatPem(
        {"PKCS7", {}, base::Pkcs7Certificates(certificates)});
  }
  std::string pem;
  for (const std::string& der : certificates) {
    absl::StrAppend(&pem, base::FormatPem({"CERTIFICATE", {}, der}));
  }
  return pem;
}

absl::StatusOr<std::string> RootOf(const std::vector<std::string>& chain) {
  const absl::StatusOr<base::X509Ptr> last =
      base::ParseCertificateDer(chain.back());
  if (!last.ok()) return Unreadable(last.status().message());
  if (X509_NAME_cmp(X509_get_subject_name(last->get()),
                    X509_get_issuer_name(last->get())) != 0) {
    return base::MakeError(
        absl::StatusCode::kNotFound,
        "the server was not given the root of this authority; those who keep "
        "it have it",
        Because("ROOT_UNKNOWN"));
  }
  return chain.back();
}

}  // namespace countersign::client
