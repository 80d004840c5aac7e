#include "base/x509_octets.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/der.h"

namespace countersign::base {
namespace {

constexpr absl::string_view kVersion1("\x02\x01\x00", 3);  // of requests
constexpr absl::string_view kVersion2("\x02\x01\x01", 3);
constexpr absl::string_view kVersion3("\x02\x01\x02", 3);
// pkcs-9-at-extensionRequest (RFC 2985 5.4.2).
constexpr absl::string_view kExtensionRequest(
    "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x0e", 11);

std::string Extensions(const std::vector<std::string>& extensions) {
  return DerSequence(absl::StrJoin(extensions, ""));
}

std::string Entry(const CrlEntry& entry) {
  std::string contents =
      absl::StrCat(DerUnsigned(entry.serial), DerTime(entry.time));
  if (!entry.extensions.empty()) contents += Extensions(entry.extensions);
  return DerSequence(contents);
}

}  // namespace

std::string TbsCertificate(const CertificateParts& parts) {
  return DerSequence(
      absl::StrCat(DerElement(kDerContext0, kVersion3),
                   DerUnsigned(parts.serial), parts.algorithm, parts.issuer,
                   DerSequence(absl::StrCat(DerTime(parts.not_before),
                                            DerTime(parts.not_after))),
                   parts.subject, parts.spki,
                   DerElement(kDerContext3, Extensions(parts.extensions))));
}

std::string TbsCertList(const CrlParts& parts) {
  std::string entries;
  for (const CrlEntry& entry : parts.entries) entries += Entry(entry);
  // No empty sequence: it is left out then (RFC 5280 5.1.2.6).
  if (!entries.empty()) entries = DerSequence(entries);
  return DerSequence(absl::StrCat(
      kVersion2, parts.algorithm, parts.issuer, DerTime(parts.this_update),
      DerTime(parts.next_update), entries,
      DerElement(kDerContext0, Extensions(parts.extensions))));
}

std::string CertificationRequestInfo(
    absl::string_view subject, absl::string_view spki,
    const std::vector<std::string>& extensions) {
  const std::string attribute = DerSequence(absl::StrCat(
      kExtensionRequest, DerElement(kDerSet, Extensions(extensions))));
  return DerSequence(absl::StrCat(kVersion1, subject, spki,
                                  DerElement(kDerContext0, attribute)));
}

std::string AttachSignature(absl::string_view to_be_signed,
                            absl::string_view algorithm,
                            absl::string_view signature) {
  return DerSequence(
      absl::StrCat(to_be_signed, algorithm, DerBitString(signature)));
}

std::string DerTime(absl::Time time) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  if (absl::ToCivilYear(time, utc).year() < 2050) {
    return DerElement(kDerUtcTime,
                      absl::FormatTime("%y%m%d%H%M%SZ", time, utc));
  }
  return DerElement(kDerGeneralizedTime,
                    absl::FormatTime("%Y%m%d%H%M%SZ", time, utc));
}

absl::StatusOr<std::string> NameDer(const X509_NAME* name) {
  ERR_clear_error();
  unsigned char* der = nullptr;
  const int size = i2d_X509_NAME(name, &der);
  const OpensslString owner(reinterpret_cast<char*>(der));
  if (size < 0) {
    return OpensslError(absl::StatusCode::kInternal, "cannot encode a name");
  }
  return std::string(owner.get(), static_cast<size_t>(size));
}

absl::StatusOr<X509CrlPtr> ParseCrlDer(absl::string_view der) {
  ERR_clear_error();
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const auto* const end = at + der.size();
  X509CrlPtr crl(d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())));
  if (crl == nullptr || at != end) {
    return OpensslError(absl::StatusCode::kInvalidArgument, "not a DER CRL");
  }
  return crl;
}

}  // namespace countersign::base
