#include "hsm/public_key.h"

#include <cstddef>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "base/openssl.h"
#include "base/status_macros.h"
#include "hsm/der.h"

namespace countersign::hsm {
namespace {

using core::KeyType;

// AlgorithmIdentifier rsaEncryption with NULL (RFC 3279 2.3.1).
constexpr absl::string_view kRsaAlgorithm(
    "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00", 15);
// OID id-ecPublicKey (RFC 5480 2.1.1).
constexpr absl::string_view kEcPublicKey("\x06\x07\x2a\x86\x48\xce\x3d\x02\x01",
                                         9);

struct Curve {
  KeyType type;
  const char* group;  // OpenSSL's name
  absl::string_view oid;
};
constexpr Curve kCurves[] = {
    {KeyType::kEcP256, "prime256v1",
     absl::string_view("\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", 10)},
    {KeyType::kEcP384, "secp384r1",
     absl::string_view("\x06\x05\x2b\x81\x04\x00\x22", 7)},
    {KeyType::kEcP521, "secp521r1",
     absl::string_view("\x06\x05\x2b\x81\x04\x00\x23", 7)},
};

// Has OpenSSL read it (which checks that a point is on its curve) and write it
// again, so that equal keys have equal octets.
absl::StatusOr<std::string> Canonical(absl::string_view spki) {
  ASSIGN_OR_RETURN(base::EvpPkeyPtr key, base::ParseSpki(spki));
  return base::SpkiDer(key.get());
}

}  // namespace

absl::StatusOr<std::string> RsaSpki(absl::string_view modulus,
                                    absl::string_view exponent) {
  const std::string key =
      DerSequence(absl::StrCat(DerUnsigned(modulus), DerUnsigned(exponent)));
  return Canonical(DerSequence(absl::StrCat(kRsaAlgorithm, DerBitString(key))));
}

absl::StatusOr<std::string> EcSpki(absl::string_view params,
                                   absl::string_view point) {
  for (const Curve& curve : kCurves) {
    if (params != curve.oid) continue;
    // An uncompressed point begins with 04, which is OCTET STRING's tag too:
    // only the size tells them apart.
    const size_t bare =
        1 + 2 * ((static_cast<size_t>(core::KeyBits(curve.type)) + 7) / 8);
    absl::string_view octets = point;
    if (point.size() > bare) {
      octets = point.substr(point.size() - bare);
      if (DerElement(kDerOctetString, octets) != point) {
        return absl::InvalidArgumentError(
            "CKA_EC_POINT is neither a point of its curve nor one in an OCTET "
            "STRING");
      }
    }
    return Canonical(DerSequence(
        absl::StrCat(DerSequence(absl::StrCat(kEcPublicKey, params)),
                     DerBitString(octets))));
  }
  return absl::InvalidArgumentError(
      "CKA_EC_PARAMS names none of the curves P-256, P-384, P-521");
}

absl::string_view CurveOid(KeyType type) {
  for (const Curve& curve : kCurves) {
    if (curve.type == type) return curve.oid;
  }
  std::abort();  // a caller's bug: RSA has no curve
}

absl::StatusOr<KeyType> SpkiKeyType(absl::string_view spki) {
  ASSIGN_OR_RETURN(base::EvpPkeyPtr key, base::ParseSpki(spki));
  const int id = EVP_PKEY_get_base_id(key.get());
  if (id == EVP_PKEY_RSA) {
    for (const KeyType type :
         {KeyType::kRsa2048, KeyType::kRsa3072, KeyType::kRsa4096}) {
      if (EVP_PKEY_get_bits(key.get()) == core::KeyBits(type)) return type;
    }
    return absl::InvalidArgumentError(
        absl::StrCat("RSA keys have 2048, 3072 or 4096 bits, not ",
                     EVP_PKEY_get_bits(key.get())));
  }
  if (id == EVP_PKEY_EC) {
    char group[64] = {};
    size_t size = 0;
    if (EVP_PKEY_get_group_name(key.get(), group, sizeof group, &size) == 1) {
      for (const Curve& curve : kCurves) {
        if (absl::string_view(group, size) == curve.group) return curve.type;
      }
    }
    return absl::InvalidArgumentError(
        "EC keys are on P-256, P-384 or P-521, and on no other curve");
  }
  return absl::InvalidArgumentError("neither an RSA nor an EC key");
}

}  // namespace countersign::hsm
