#include "hsm/public_key.h"

#include <cstddef>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "base/der.h"
#include "base/openssl.h"
#include "base/status_macros.h"

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
  const char* name;   // PKCS#11's, in a PrintableString
  absl::string_view oid;
};
constexpr Curve kCurves[] = {
    {KeyType::kEcP256, "prime256v1", "secp256r1",
     absl::string_view("\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", 10)},
    {KeyType::kEcP384, "secp384r1", "secp384r1",
     absl::string_view("\x06\x05\x2b\x81\x04\x00\x22", 7)},
    {KeyType::kEcP521, "secp521r1", "secp521r1",
     absl::string_view("\x06\x05\x2b\x81\x04\x00\x23", 7)},
    // id-Ed25519 (RFC 8410 3), of the algorithm as of the curve.
    {KeyType::kEd25519, "", "edwards25519",
     absl::string_view("\x06\x03\x2b\x65\x70", 5)},
};

const Curve& CurveOf(KeyType type) {
  for (const Curve& curve : kCurves) {
    if (curve.type == type) return curve;
  }
  std::abort();  // a caller's bug: RSA has no curve
}

absl::StatusOr<KeyType> CurveFromParams(absl::string_view params) {
  for (const Curve& curve : kCurves) {
    if (params == curve.oid || params == CurveName(curve.type)) {
      return curve.type;
    }
  }
  return absl::InvalidArgumentError(
      "CKA_EC_PARAMS names none of the curves P-256, P-384, P-521, Ed25519");
}

// Octets of a point: 04, x, y (RFC 5480 2.2); y and the sign of x in one
// (RFC 8032 5.1.2).
size_t PointSize(KeyType type) {
  const size_t coordinate = (static_cast<size_t>(core::KeyBits(type)) + 7) / 8;
  return type == KeyType::kEd25519 ? coordinate : 1 + 2 * coordinate;
}

bool IsCompressed(absl::string_view point, size_t size) {
  return point.size() == (size + 1) / 2 &&
         (point.front() == '\x02' || point.front() == '\x03');
}

// The bare point. An uncompressed one begins with 04, which is OCTET STRING's
// tag too: only the size tells them apart.
absl::StatusOr<absl::string_view> UnwrapPoint(KeyType type,
                                              absl::string_view point) {
  const size_t size = PointSize(type);
  const bool edwards = type == KeyType::kEd25519;
  for (const size_t bare : {size, (size + 1) / 2}) {
    if (point.size() <= bare) continue;
    const absl::string_view inside = point.substr(point.size() - bare);
    if (base::DerElement(base::kDerOctetString, inside) == point ||
        (edwards && base::DerBitString(inside) == point)) {
      point = inside;
      break;
    }
  }
  if (!edwards && IsCompressed(point, size)) {
    return absl::InvalidArgumentError(
        "CKA_EC_POINT is compressed; only uncompressed points are taken");
  }
  if (point.size() != size || (!edwards && point.front() != '\x04')) {
    return absl::InvalidArgumentError(
        "CKA_EC_POINT is neither a point of its curve nor one in an OCTET "
        "STRING");
  }
  return point;
}

}  // namespace

// Has OpenSSL read it (which checks that a point is on its curve) and write it
// again.
absl::StatusOr<std::string> CanonicalSpki(absl::string_view spki) {
  ASSIGN_OR_RETURN(base::EvpPkeyPtr key, base::ParseSpki(spki));
  return base::SpkiDer(key.get());
}

absl::StatusOr<std::string> RsaSpki(absl::string_view modulus,
                                    absl::string_view exponent) {
  const std::string key = base::DerSequence(
      absl::StrCat(base::DerUnsigned(modulus), base::DerUnsigned(exponent)));
  return CanonicalSpki(
      base::DerSequence(absl::StrCat(kRsaAlgorithm, base::DerBitString(key))));
}

absl::StatusOr<std::string> EcSpki(absl::string_view params,
                                   absl::string_view point) {
  ASSIGN_OR_RETURN(const KeyType type, CurveFromParams(params));
  ASSIGN_OR_RETURN(const absl::string_view bare, UnwrapPoint(type, point));
  // RFC 5480 2.1.1; an Edwards key has no parameters (RFC 8410 3).
  const std::string algorithm =
      type == KeyType::kEd25519 ? std::string(CurveOid(type))
                                : absl::StrCat(kEcPublicKey, CurveOid(type));
  return CanonicalSpki(base::DerSequence(
      absl::StrCat(base::DerSequence(algorithm), base::DerBitString(bare))));
}

std::string CurveName(KeyType type) {
  return base::DerElement(base::kDerPrintableString, CurveOf(type).name);
}

absl::string_view CurveOid(KeyType type) { return CurveOf(type).oid; }

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
  if (id == EVP_PKEY_ED25519) return KeyType::kEd25519;
  return absl::InvalidArgumentError("neither an RSA, an EC nor an Ed25519 key");
}

}  // namespace countersign::hsm
