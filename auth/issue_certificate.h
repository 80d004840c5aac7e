// The octets of what the site's own certificate authority signs: certificates
// for code signing and CRLs (RFC 5280). Made before the HSM is asked, put
// together and checked afterwards. Pure; whether something may be signed is
// decided in core/ (flows.h), and the key is in hsm/.
#ifndef COUNTERSIGN_AUTH_ISSUE_CERTIFICATE_H_
#define COUNTERSIGN_AUTH_ISSUE_CERTIFICATE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/issuing_ca.h"
#include "core/product.h"

namespace countersign::auth {

// What a certificate shall say beside its profile.
struct CertificateOrder {
  std::string common_name;  // of the operation's caInfo
  core::OperationName operation;
  std::string spki;  // DER
  // 20 random octets. The first two bits become 01: positive, never zero and 20
  // octets for certain (RFC 5280 4.1.2.2).
  std::string serial;
  absl::Time now;
};

// To be signed, with what the flow and the record need of it.
struct UnsignedCertificate {
  std::string tbs;      // TBSCertificate, DER
  std::string digest;   // of it, by the authority's hash
  std::string serial;   // as it stands in it, 20 octets
  std::string subject;  // RFC 4514 text
  absl::Time not_before;
  absl::Time not_after;  // never after the authority's own
};

// Version 3: the profile's subject, key usage digitalSignature (critical),
// extended key usage codeSigning, basic constraints CA:FALSE (critical), SKI
// (RFC 7093 2, method 1) and AKI (the authority's SKI), the CRL distribution
// point where ca.crl_url is set. `not_before` is five minutes before `now`,
// since clocks differ, but not before the authority's own. INVALID_ARGUMENT
// where the profile's subject makes no name, FAILED_PRECONDITION (reason
// ISSUING_CA_EXPIRED or ISSUING_CA_NOT_YET_VALID) where the authority's own
// certificate is not valid at `now`.
absl::StatusOr<UnsignedCertificate> MakeCertificate(
    const core::IssuingCa& ca, const core::CertificateProfile& profile,
    const CertificateOrder& order);

// With the signature (RSA octets, or ECDSA as DER): verified against the
// authority's certificate, then the chain as it is published: the certificate,
// then the authority's own and its issuers without the root. INTERNAL where the
// signature is not good.
absl::StatusOr<core::CertificateChain> AssembleCertificate(
    const core::IssuingCa& ca, absl::string_view tbs,
    absl::string_view signature);

// A profile's subject before anything is issued: its attributes, and that its
// placeholders are {common_name}, {product} and {operation}. INVALID_ARGUMENT.
absl::Status CheckSubjectTemplate(absl::string_view subject);

// Whether a configured authority can issue at all: a CA certificate that may
// sign certificates and CRLs (keyCertSign, cRLSign) and that strict verifiers
// take (critical basic constraints, SKI), valid at `now`, whose issuers are in
// order. `pem` holds its certificate, then its issuers, the root last.
// Filled in: key.type, key.spki, algorithm and hash that go with it (PKCS#1
// v1.5 with SHA-256, or ECDSA), certificates, not_after. Ed25519 is refused:
// what it signs is the whole CRL, which outgrows the 4096 octets that a token
// is given. INVALID_ARGUMENT with the first fault.
absl::StatusOr<core::IssuingCa> ReadIssuingCa(absl::string_view pem,
                                              absl::Time now);

struct RevokedCertificate {
  std::string serial;
  absl::Time time;
  core::RevocationReason reason = core::RevocationReason::kUnspecified;
};

struct UnsignedCrl {
  std::string tbs;  // TBSCertList, DER: version 2, AKI, CRL number
  std::string digest;
};

absl::StatusOr<UnsignedCrl> MakeCrl(
    const core::IssuingCa& ca, const std::vector<RevokedCertificate>& revoked,
    int64_t number, absl::Time this_update, absl::Time next_update);
// DER; verified. INTERNAL where the signature is not good.
absl::StatusOr<std::string> AssembleCrl(const core::IssuingCa& ca,
                                        absl::string_view tbs,
                                        absl::string_view signature);

}  // namespace countersign::auth

#endif  // COUNTERSIGN_AUTH_ISSUE_CERTIFICATE_H_
