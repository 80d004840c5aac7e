#include "server/convert/certificate_pem.h"

#include "absl/strings/str_cat.h"
#include "base/pem.h"

namespace countersign::server {

std::string ChainPem(const core::CertificateChain& chain) {
  std::string pem;
  for (const std::string& certificate : chain.certificates) {
    absl::StrAppend(&pem, base::FormatPem({"CERTIFICATE", {}, certificate}));
  }
  return pem;
}

std::string SignaturePem(absl::string_view signature,
                         core::SignatureAlgorithm algorithm,
                         const core::CertificateChain& chain) {
  return absl::StrCat(
      base::FormatPem(
          {"SIGNATURE",
           {{"Signature Algorithm", std::string(core::ToString(algorithm))}},
           std::string(signature)}),
      ChainPem(chain));
}

}  // namespace countersign::server
