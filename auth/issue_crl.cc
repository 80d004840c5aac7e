#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "auth/issue_certificate.h"
#include "auth/issuing_names.h"
#include "base/openssl.h"
#include "base/status_macros.h"
#include "base/x509_extensions.h"
#include "base/x509_octets.h"
#include "core/algorithm_identifier.h"

namespace countersign::auth {
namespace {

// CRLReason (RFC 5280 5.3.1). Unspecified (0) is said by saying nothing.
int CrlReasonOf(core::RevocationReason reason) {
  switch (reason) {
    case core::RevocationReason::kUnspecified:
      return 0;
    case core::RevocationReason::kKeyCompromise:
      return 1;
    case core::RevocationReason::kAffiliationChanged:
      return 3;
    case core::RevocationReason::kSuperseded:
      return 4;
    case core::RevocationReason::kCessationOfOperation:
      return 5;
  }
  return 0;
}

base::CrlEntry EntryOf(const RevokedCertificate& revoked) {
  base::CrlEntry entry = {revoked.serial, revoked.time, {}};
  const int reason = CrlReasonOf(revoked.reason);
  if (reason != 0) entry.extensions.push_back(base::CrlReason(reason));
  return entry;
}

}  // namespace

absl::StatusOr<UnsignedCrl> MakeCrl(
    const core::IssuingCa& ca, const std::vector<RevokedCertificate>& revoked,
    int64_t number, absl::Time this_update, absl::Time next_update) {
  if (number < 0 || next_update <= this_update) {
    return absl::InternalError("a CRL with a bad number or bad times");
  }
  ASSIGN_OR_RETURN(const IssuingNames names, ReadIssuingNames(ca));
  base::CrlParts parts;
  parts.algorithm = core::AlgorithmIdentifier(ca.algorithm, ca.hash);
  parts.issuer = names.subject;
  parts.this_update = this_update;
  parts.next_update = next_update;
  for (const RevokedCertificate& one : revoked) {
    parts.entries.push_back(EntryOf(one));
  }
  parts.extensions = {base::AuthorityKeyIdentifier(names.key_identifier),
                      base::CrlNumber(number)};
  UnsignedCrl out;
  out.tbs = base::TbsCertList(parts);
  ASSIGN_OR_RETURN(out.digest, DigestFor(ca, out.tbs));
  return out;
}

absl::StatusOr<std::string> AssembleCrl(const core::IssuingCa& ca,
                                        absl::string_view tbs,
                                        absl::string_view signature) {
  ASSIGN_OR_RETURN(const IssuingNames names, ReadIssuingNames(ca));
  std::string der = base::AttachSignature(
      tbs, core::AlgorithmIdentifier(ca.algorithm, ca.hash), signature);
  const absl::StatusOr<base::X509CrlPtr> made = base::ParseCrlDer(der);
  if (!made.ok()) return absl::InternalError(made.status().message());
  ERR_clear_error();
  if (X509_CRL_verify(made->get(), X509_get0_pubkey(names.certificate.get())) !=
      1) {
    return base::OpensslError(
        absl::StatusCode::kInternal,
        absl::StrCat("the signature is not that of the certificate authority ",
                     ca.name));
  }
  return der;
}

}  // namespace countersign::auth
