#include "base/x509_extensions.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/der.h"
#include "base/openssl.h"

namespace countersign::base {
namespace {

// OBJECT IDENTIFIERs, DER, of RFC 5280 appendix A.2: id-ce and a number.
constexpr absl::string_view kSubjectKeyIdentifier("\x06\x03\x55\x1d\x0e", 5);
constexpr absl::string_view kKeyUsage("\x06\x03\x55\x1d\x0f", 5);
constexpr absl::string_view kBasicConstraints("\x06\x03\x55\x1d\x13", 5);
constexpr absl::string_view kCrlNumber("\x06\x03\x55\x1d\x14", 5);
constexpr absl::string_view kCrlReason("\x06\x03\x55\x1d\x15", 5);
constexpr absl::string_view kCrlDistributionPoints("\x06\x03\x55\x1d\x1f", 5);
constexpr absl::string_view kAuthorityKeyIdentifier("\x06\x03\x55\x1d\x23", 5);
constexpr absl::string_view kExtendedKeyUsage("\x06\x03\x55\x1d\x25", 5);
// id-kp-codeSigning.
constexpr absl::string_view kCodeSigning(
    "\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x03", 10);

constexpr absl::string_view kTrue("\x01\x01\xff", 3);
// BIT STRINGs without trailing zero bits (X.690 11.2.2): digitalSignature (0);
// keyCertSign (5) and cRLSign (6).
constexpr absl::string_view kDigitalSignature("\x03\x02\x07\x80", 4);
constexpr absl::string_view kKeyCertSignAndCrlSign("\x03\x02\x01\x06", 4);

constexpr size_t kIdentifierSize = 20;

struct X509PubkeyDeleter {
  void operator()(X509_PUBKEY* p) const { X509_PUBKEY_free(p); }
};

std::string Extension(absl::string_view oid, bool critical,
                      absl::string_view value) {
  return DerSequence(absl::StrCat(oid, critical ? kTrue : absl::string_view(),
                                  DerElement(kDerOctetString, value)));
}

std::string BigEndian(uint64_t number) {
  std::string octets;
  for (int shift = 56; shift >= 0; shift -= 8) {
    octets.push_back(static_cast<char>(number >> shift));
  }
  return octets;
}

}  // namespace

std::vector<std::string> CodeSigningExtensions() {
  return {Extension(kBasicConstraints, true, DerSequence("")),
          Extension(kKeyUsage, true, kDigitalSignature),
          Extension(kExtendedKeyUsage, false, DerSequence(kCodeSigning))};
}

std::vector<std::string> CaExtensions(std::optional<int> path_length) {
  std::string constraints(kTrue);
  if (path_length.has_value()) {
    constraints += DerUnsigned(BigEndian(static_cast<uint64_t>(*path_length)));
  }
  return {Extension(kBasicConstraints, true, DerSequence(constraints)),
          Extension(kKeyUsage, true, kKeyCertSignAndCrlSign)};
}

absl::StatusOr<std::string> KeyIdentifier(absl::string_view spki) {
  ERR_clear_error();
  const auto* at = reinterpret_cast<const unsigned char*>(spki.data());
  const std::unique_ptr<X509_PUBKEY, X509PubkeyDeleter> key(
      d2i_X509_PUBKEY(nullptr, &at, static_cast<long>(spki.size())));
  const unsigned char* bits = nullptr;
  int size = 0;
  if (key == nullptr ||
      X509_PUBKEY_get0_param(nullptr, &bits, &size, nullptr, key.get()) != 1) {
    return OpensslError(absl::StatusCode::kInvalidArgument, "no public key");
  }
  return Sha256(absl::string_view(reinterpret_cast<const char*>(bits),
                                  static_cast<size_t>(size)))
      .substr(0, kIdentifierSize);
}

std::string SubjectKeyIdentifier(absl::string_view identifier) {
  return Extension(kSubjectKeyIdentifier, false,
                   DerElement(kDerOctetString, identifier));
}

std::string AuthorityKeyIdentifier(absl::string_view identifier) {
  // [0] IMPLICIT OCTET STRING.
  return Extension(kAuthorityKeyIdentifier, false,
                   DerSequence(DerElement(0x80, identifier)));
}

std::string CrlDistributionPoint(absl::string_view url) {
  // GeneralName: [6] IMPLICIT IA5String; fullName and distributionPoint [0].
  const std::string name =
      DerElement(kDerContext0, DerElement(kDerContext0, DerElement(0x86, url)));
  return Extension(kCrlDistributionPoints, false,
                   DerSequence(DerSequence(name)));
}

std::string CrlNumber(int64_t number) {
  return Extension(kCrlNumber, false,
                   DerUnsigned(BigEndian(static_cast<uint64_t>(number))));
}

std::string CrlReason(int reason) {
  return Extension(
      kCrlReason, false,
      DerElement(kDerEnumerated, std::string(1, static_cast<char>(reason))));
}

}  // namespace countersign::base
