#include "client/sigstore/signature_check.h"

#include <functional>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"
#include "client/artifact/certificate_chain.h"
#include "client/artifact/detached_signature.h"
#include "client/sigstore/certificate_names.h"
#include "client/sigstore/sigstore_key.h"

namespace countersign::client {
namespace {

// Checks the signature itself with the key of an SPKI (DER).
using CheckWithKey = std::function<absl::Status(absl::string_view spki_der)>;

absl::StatusOr<std::string> CheckCertificate(
    const std::vector<std::string>& certificates, const SigstoreTrust& trust,
    const CheckWithKey& check) {
  if (certificates.empty()) {
    return BadInput("CERTIFICATE_UNTRUSTED",
                    "the signature has no certificate that could lead to "
                    "--root; it can be verified with --public-key");
  }
  ASSIGN_OR_RETURN(const std::string spki, CertificateSpki(certificates[0]));
  RETURN_IF_ERROR(check(spki));
  RETURN_IF_ERROR(CheckCertificateChain(certificates, trust.roots, trust.now));
  ASSIGN_OR_RETURN(const CertificateNames names,
                   ReadCertificateNames(certificates[0]));
  if (!trust.identity.empty() && !names.Holds(trust.identity)) {
    return BadInput(
        "IDENTITY_MISMATCH",
        absl::StrCat("the certificate is for ",
                     base::EscapeForDisplay(names.Format()), ", not for ",
                     base::EscapeForDisplay(trust.identity)));
  }
  ASSIGN_OR_RETURN(const std::string subject,
                   CertificateSubject(certificates[0]));
  return absl::StrCat(subject, " (", names.Format(), ")");
}

absl::StatusOr<std::string> Check(const std::vector<std::string>& certificates,
                                  const SigstoreTrust& trust,
                                  const CheckWithKey& check) {
  if (trust.spki_der.empty() && trust.roots.empty()) {
    return BadInput("TRUST_MISSING",
                    "nothing to verify with: give --public-key or --root");
  }
  if (!trust.spki_der.empty()) RETURN_IF_ERROR(check(trust.spki_der));
  if (trust.roots.empty()) return std::string();
  return CheckCertificate(certificates, trust, check);
}

}  // namespace

absl::StatusOr<std::string> CheckSigstoreSignature(
    absl::string_view signed_octets, absl::string_view signature,
    const std::vector<std::string>& certificates, const SigstoreTrust& trust) {
  return Check(certificates, trust, [&](absl::string_view spki) {
    const auto scheme = SigstoreScheme(spki);
    if (!scheme.ok()) return scheme.status();
    const auto hashes = SigstoreHashes(spki);
    if (!hashes.ok()) return hashes.status();
    absl::Status status;
    for (const HashAlgorithm hash : *hashes) {
      status = VerifyRawSignature(signature, HashOctets(hash, signed_octets),
                                  hash, *scheme, spki);
      if (status.ok()) return status;
    }
    return status;
  });
}

absl::StatusOr<std::string> CheckSigstoreDigest(
    absl::string_view digest, HashAlgorithm hash, absl::string_view signature,
    const std::vector<std::string>& certificates, const SigstoreTrust& trust) {
  return Check(certificates, trust, [&](absl::string_view spki) {
    const auto scheme = SigstoreScheme(spki);
    if (!scheme.ok()) return scheme.status();
    return VerifyRawSignature(signature, digest, hash, *scheme, spki);
  });
}

}  // namespace countersign::client
