#include "hsm/public_key.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/der.h"
#include "base/encoding.h"
#include "base/openssl.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::hsm {
namespace {

using core::KeyType;
using testing::HasSubstr;

base::EvpPkeyPtr MakeEc(const char* curve) {
  return base::EvpPkeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve));
}

std::string PointOf(EVP_PKEY* key) {
  unsigned char* octets = nullptr;
  const size_t size = EVP_PKEY_get1_encoded_public_key(key, &octets);
  std::string point(reinterpret_cast<char*>(octets), size);
  OPENSSL_free(octets);
  return point;
}

struct CurveCase {
  KeyType type;
  const char* curve;
};

class EcSpkiTest : public testing::TestWithParam<CurveCase> {};

TEST_P(EcSpkiTest, TakesThePointBareAndWrapped) {
  const base::EvpPkeyPtr key = MakeEc(GetParam().curve);
  ASSERT_OK_AND_ASSIGN(const std::string want, base::SpkiDer(key.get()));
  const std::string point = PointOf(key.get());
  const absl::string_view params = CurveOid(GetParam().type);
  EXPECT_THAT(EcSpki(params, point), base::IsOkAndHolds(want));
  EXPECT_THAT(EcSpki(params, base::DerElement(base::kDerOctetString, point)),
              base::IsOkAndHolds(want));
  EXPECT_THAT(SpkiKeyType(want), base::IsOkAndHolds(GetParam().type));
}

TEST_P(EcSpkiTest, RefusesWhatIsNoPoint) {
  const base::EvpPkeyPtr key = MakeEc(GetParam().curve);
  const std::string point = PointOf(key.get());
  const absl::string_view params = CurveOid(GetParam().type);
  EXPECT_FALSE(EcSpki(params, "").ok());
  EXPECT_FALSE(EcSpki(params, point.substr(0, point.size() - 1)).ok());
  EXPECT_FALSE(EcSpki(params, point + "x").ok());
  EXPECT_FALSE(EcSpki(params, absl::StrCat("xx", point)).ok());
  std::string off_curve = point;
  off_curve.back() ^= 1;
  EXPECT_FALSE(EcSpki(params, off_curve).ok());
}

INSTANTIATE_TEST_SUITE_P(All, EcSpkiTest,
                         testing::Values(CurveCase{KeyType::kEcP256, "P-256"},
                                         CurveCase{KeyType::kEcP384, "P-384"},
                                         CurveCase{KeyType::kEcP521, "P-521"}),
                         [](const auto& info) {
                           return absl::StrCat("P",
                                               core::KeyBits(info.param.type));
                         });

TEST_P(EcSpkiTest, TakesTheCurveByItsNameToo) {
  const base::EvpPkeyPtr key = MakeEc(GetParam().curve);
  ASSERT_OK_AND_ASSIGN(const std::string want, base::SpkiDer(key.get()));
  EXPECT_THAT(EcSpki(CurveName(GetParam().type), PointOf(key.get())),
              base::IsOkAndHolds(want));
  EXPECT_THAT(CanonicalSpki(want), base::IsOkAndHolds(want));
}

TEST_P(EcSpkiTest, RefusesACompressedPointByName) {
  const base::EvpPkeyPtr key = MakeEc(GetParam().curve);
  const std::string point = PointOf(key.get());
  const bool odd = (point.back() & 1) != 0;
  const std::string compressed = absl::StrCat(
      odd ? "\x03" : "\x02", point.substr(1, (point.size() - 1) / 2));
  const absl::string_view params = CurveOid(GetParam().type);
  for (const std::string& form :
       {compressed, base::DerElement(base::kDerOctetString, compressed)}) {
    EXPECT_THAT(EcSpki(params, form),
                base::StatusIs(absl::StatusCode::kInvalidArgument,
                               HasSubstr("is compressed")));
  }
}

TEST_P(EcSpkiTest, RefusesAHybridPoint) {
  std::string point = PointOf(MakeEc(GetParam().curve).get());
  point[0] = static_cast<char>(6 | (point.back() & 1));
  const absl::string_view params = CurveOid(GetParam().type);
  EXPECT_FALSE(EcSpki(params, point).ok());
  EXPECT_FALSE(
      EcSpki(params, base::DerElement(base::kDerOctetString, point)).ok());
}

// The key of RFC 8032 7.1, test 1.
std::string EdPoint() {
  return base::HexDecode(
             "d75a980182b10ab7d54bfed3c964073a"
             "0ee172f3daa62325af021a68f707511a")
      .value();
}

struct PointForm {
  const char* name;
  const char* before;  // the point, in hex
};

class EdwardsSpkiTest : public testing::TestWithParam<PointForm> {};

// By bytes: SEQUENCE { SEQUENCE { OID 1.3.101.112 }, BIT STRING } (RFC 8410 4).
TEST_P(EdwardsSpkiTest, TakesThePointInEachForm) {
  const std::string point =
      base::HexDecode(GetParam().before).value() + EdPoint();
  const std::string want =
      base::HexDecode("302a300506032b6570032100").value() + EdPoint();
  const std::string oid("\x06\x03\x2b\x65\x70", 5);
  const std::string name = absl::StrCat("\x13\x0c", "edwards25519");
  EXPECT_THAT(EcSpki(oid, point), base::IsOkAndHolds(want));
  EXPECT_THAT(EcSpki(name, point), base::IsOkAndHolds(want));
  EXPECT_EQ(CurveOid(KeyType::kEd25519), oid);
  EXPECT_EQ(CurveName(KeyType::kEd25519), name);
  EXPECT_THAT(SpkiKeyType(want), base::IsOkAndHolds(KeyType::kEd25519));
}

INSTANTIATE_TEST_SUITE_P(All, EdwardsSpkiTest,
                         testing::Values(PointForm{"Bare", ""},
                                         PointForm{"OctetString", "0420"},
                                         PointForm{"BitString", "032100"}),
                         [](const auto& info) { return info.param.name; });

TEST(EdwardsSpkiErrorTest, RefusesWhatIsNoPoint) {
  const absl::string_view oid = CurveOid(KeyType::kEd25519);
  const std::string point = EdPoint();
  for (const std::string& bad :
       {std::string(), point.substr(1), point + "x", absl::StrCat("xx", point),
        absl::StrCat("\x04\x21", point), std::string(64, 'x')}) {
    EXPECT_THAT(EcSpki(oid, bad),
                base::StatusIs(absl::StatusCode::kInvalidArgument,
                               HasSubstr("CKA_EC_POINT")));
  }
}

TEST(CanonicalSpkiTest, RefusesWhatIsNoSpki) {
  EXPECT_FALSE(CanonicalSpki("").ok());
  EXPECT_FALSE(CanonicalSpki("no key").ok());
}

TEST(EcSpkiTest, RefusesAnotherCurve) {
  // secp256k1.
  EXPECT_THAT(EcSpki(absl::string_view("\x06\x05\x2b\x81\x04\x00\x0a", 7), "x"),
              base::StatusIs(absl::StatusCode::kInvalidArgument,
                             HasSubstr("none of the curves")));
}

TEST(RsaSpkiTest, IsWhatOpensslWrites) {
  const base::EvpPkeyPtr key(
      EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", size_t{2048}));
  ASSERT_OK_AND_ASSIGN(const std::string want, base::SpkiDer(key.get()));
  BIGNUM* n = nullptr;
  ASSERT_EQ(EVP_PKEY_get_bn_param(key.get(), "n", &n), 1);
  const base::BignumPtr owner(n);
  std::string modulus(256, '\0');
  BN_bn2bin(n, reinterpret_cast<unsigned char*>(&modulus[0]));
  const std::string f4("\x01\x00\x01", 3);
  EXPECT_THAT(RsaSpki(modulus, f4), base::IsOkAndHolds(want));
  // Some modules put a zero first, some leave four octets for the exponent.
  EXPECT_THAT(RsaSpki(absl::StrCat(absl::string_view("\0", 1), modulus),
                      absl::StrCat(absl::string_view("\0", 1), f4)),
              base::IsOkAndHolds(want));
  EXPECT_THAT(SpkiKeyType(want), base::IsOkAndHolds(KeyType::kRsa2048));
}

TEST(SpkiKeyTypeTest, RefusesOtherKeys) {
  const base::EvpPkeyPtr small(
      EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", size_t{1024}));
  ASSERT_OK_AND_ASSIGN(const std::string small_spki,
                       base::SpkiDer(small.get()));
  EXPECT_THAT(
      SpkiKeyType(small_spki),
      base::StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("1024")));
  ASSERT_OK_AND_ASSIGN(const std::string k1,
                       base::SpkiDer(MakeEc("secp256k1").get()));
  EXPECT_THAT(SpkiKeyType(k1),
              base::StatusIs(absl::StatusCode::kInvalidArgument,
                             HasSubstr("no other curve")));
  for (const char* other : {"ED448", "X25519"}) {
    const base::EvpPkeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, other));
    ASSERT_OK_AND_ASSIGN(const std::string spki, base::SpkiDer(key.get()));
    EXPECT_THAT(SpkiKeyType(spki),
                base::HasCode(absl::StatusCode::kInvalidArgument))
        << other;
  }
  EXPECT_FALSE(SpkiKeyType("no key at all").ok());
}

}  // namespace
}  // namespace countersign::hsm
