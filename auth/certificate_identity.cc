#include "auth/certificate_identity.h"

#include <cstddef>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "auth/subject_syntax.h"
#include "auth/x509_names.h"
#include "base/encoding.h"
#include "base/openssl.h"
#include "base/pem.h"
#include "base/status_macros.h"
#include "core/errors.h"

namespace countersign::auth {
namespace {

constexpr size_t kMaxOctets = 64 << 10;

absl::Status Refused(absl::string_view why) {
  return core::error::UnknownIdentity(why);
}

absl::StatusOr<base::X509Ptr> Parse(absl::string_view certificate) {
  if (certificate.size() > kMaxOctets) {
    return absl::InvalidArgumentError("a certificate of more than 64 KiB");
  }
  // DER starts with the tag of a SEQUENCE, PEM does not.
  if (absl::StartsWith(certificate, "\x30")) {
    return base::ParseCertificateDer(certificate);
  }
  ASSIGN_OR_RETURN(const std::vector<base::PemBlock> blocks,
                   base::ParsePem(certificate));
  if (blocks.size() != 1 || blocks[0].label != "CERTIFICATE") {
    return absl::InvalidArgumentError("not one PEM block CERTIFICATE");
  }
  return base::ParseCertificateDer(blocks[0].contents);
}

// What the certificate was made for. The handshake checks most of it as well;
// these lines do not depend on how the handshake was set up.
absl::Status CheckUses(X509* certificate) {
  const uint32_t flags = X509_get_extension_flags(certificate);
  if ((flags & EXFLAG_INVALID) != 0) {
    return absl::InvalidArgumentError("malformed extensions");
  }
  if ((flags & EXFLAG_CRITICAL) != 0) {
    return absl::InvalidArgumentError("an unknown critical extension");
  }
  if ((flags & EXFLAG_CA) != 0) {
    return absl::InvalidArgumentError(
        "this is a CA's certificate; callers need one of their own");
  }
  // Both are all ones where the extension is not there.
  const uint32_t usage = X509_get_key_usage(certificate);
  if ((usage & KU_DIGITAL_SIGNATURE) == 0) {
    return absl::InvalidArgumentError("key usage lacks digitalSignature");
  }
  if ((flags & EXFLAG_KUSAGE) != 0 &&
      (usage & (KU_KEY_CERT_SIGN | KU_CRL_SIGN)) != 0) {
    return absl::InvalidArgumentError("key usage of a CA");
  }
  if ((X509_get_extended_key_usage(certificate) &
       (XKU_SSL_CLIENT | XKU_ANYEKU)) == 0) {
    return absl::InvalidArgumentError("extended key usage lacks clientAuth");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> Subject(const X509* certificate,
                                    absl::string_view distinguished_name) {
  ASSIGN_OR_RETURN(const AlternativeNames names,
                   ReadAlternativeNames(certificate));
  if (names.uris.size() > 1) {
    return absl::InvalidArgumentError(
        "more than one URI name; exactly one may say who this is");
  }
  // Other URIs (some directories write account ids there) say nothing to us.
  // The scheme is looked for in either case so that "SPIFFE:" is refused.
  if (names.uris.size() == 1 &&
      absl::StartsWithIgnoreCase(names.uris[0], "spiffe:")) {
    RETURN_IF_ERROR(CheckSpiffeId(names.uris[0]));
    return names.uris[0];
  }
  if (names.emails.size() > 1) {
    return absl::InvalidArgumentError(
        "more than one e-mail name; exactly one may say who this is");
  }
  if (names.emails.size() == 1) {
    RETURN_IF_ERROR(CheckEmail(names.emails[0]));
    return CanonicalSubject(absl::StrCat(kEmailPrefix, names.emails[0]));
  }
  if (distinguished_name.empty()) {
    return absl::InvalidArgumentError(
        "no name: neither a SPIFFE ID, nor an e-mail address, nor a subject");
  }
  return absl::StrCat(kSubjectPrefix, distinguished_name);
}

absl::StatusOr<CertificateIdentity> Identify(absl::string_view octets) {
  ASSIGN_OR_RETURN(const base::X509Ptr certificate, Parse(octets));
  RETURN_IF_ERROR(CheckUses(certificate.get()));
  CertificateIdentity identity;
  // Both names are read, and so checked, whichever says who it is.
  ASSIGN_OR_RETURN(const std::string distinguished_name,
                   FormatName(X509_get_subject_name(certificate.get())));
  ASSIGN_OR_RETURN(identity.issuer,
                   FormatName(X509_get_issuer_name(certificate.get())));
  ASSIGN_OR_RETURN(identity.subject,
                   Subject(certificate.get(), distinguished_name));
  ASSIGN_OR_RETURN(const ValidityPeriod period,
                   ReadValidity(certificate.get()));
  identity.not_before = period.not_before;
  identity.not_after = period.not_after;
  ASSIGN_OR_RETURN(const std::string der,
                   base::CertificateDer(certificate.get()));
  identity.fingerprint = base::HexEncode(base::Sha256(der));
  return identity;
}

}  // namespace

absl::StatusOr<CertificateIdentity> IdentifyCertificate(
    absl::string_view certificate, absl::Time now) {
  absl::StatusOr<CertificateIdentity> identity = Identify(certificate);
  if (!identity.ok()) return Refused(identity.status().message());
  if (now < identity->not_before) {
    return Refused(absl::StrCat("the certificate is not valid before ",
                                FormatUtc(identity->not_before)));
  }
  if (now > identity->not_after) {
    return Refused(absl::StrCat("the certificate expired at ",
                                FormatUtc(identity->not_after)));
  }
  return identity;
}

}  // namespace countersign::auth
