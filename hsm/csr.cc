#include "hsm/csr.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "base/openssl.h"
#include "base/pem.h"
#include "base/status_macros.h"
#include "base/subject_name.h"
#include "base/x509_extensions.h"
#include "base/x509_octets.h"
#include "core/algorithm_identifier.h"
#include "hsm/public_key.h"

namespace countersign::hsm {
namespace {

using core::HashAlgorithm;
using core::SignatureAlgorithm;

// The very octets that were signed, as OpenSSL understands them.
absl::Status Verify(const std::string& der) {
  ERR_clear_error();
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const base::X509ReqPtr request(
      d2i_X509_REQ(nullptr, &at, static_cast<long>(der.size())));
  if (request == nullptr) {
    return base::OpensslError(absl::StatusCode::kInvalidArgument,
                              "the request cannot be read");
  }
  EVP_PKEY* key = X509_REQ_get0_pubkey(request.get());
  if (key == nullptr || X509_REQ_verify(request.get(), key) != 1) {
    return base::OpensslError(
        absl::StatusCode::kInvalidArgument,
        "the signature does not fit the request and its key");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ToBeSigned(
    absl::string_view spki_der, absl::string_view subject,
    const std::vector<std::string>& extensions) {
  ASSIGN_OR_RETURN(const base::X509NamePtr name, base::ParseSubject(subject));
  RETURN_IF_ERROR(SpkiKeyType(spki_der).status());
  ASSIGN_OR_RETURN(const std::string name_der, base::NameDer(name.get()));
  return base::CertificationRequestInfo(name_der, spki_der, extensions);
}

}  // namespace

absl::StatusOr<std::string> CsrToBeSigned(absl::string_view spki_der,
                                          absl::string_view subject) {
  return ToBeSigned(spki_der, subject, base::CodeSigningExtensions());
}

absl::StatusOr<std::string> CaCsrToBeSigned(absl::string_view spki_der,
                                            absl::string_view subject,
                                            std::optional<int> path_length) {
  return ToBeSigned(spki_der, subject, base::CaExtensions(path_length));
}

SignatureAlgorithm CsrAlgorithm(core::KeyType key) {
  // PKCS#1 v1.5 stands before PSS.
  return core::AlgorithmsFor(key).front();
}

absl::StatusOr<std::string> AssembleCsr(absl::string_view to_be_signed,
                                        SignatureAlgorithm algorithm,
                                        HashAlgorithm hash,
                                        absl::string_view signature) {
  if (!core::Fits(algorithm, hash)) {
    return absl::InvalidArgumentError(absl::StrCat(
        core::ToString(algorithm), " is not made over ", core::ToString(hash)));
  }
  const std::string der = base::AttachSignature(
      to_be_signed, core::AlgorithmIdentifier(algorithm, hash), signature);
  RETURN_IF_ERROR(Verify(der));
  return base::FormatPem({"CERTIFICATE REQUEST", {}, der});
}

}  // namespace countersign::hsm
