#include "hsm/public_key.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/openssl.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hsm/der.h"

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
  EXPECT_THAT(EcSpki(params, DerElement(kDerOctetString, point)),
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
  const base::EvpPkeyPtr ed(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  ASSERT_OK_AND_ASSIGN(const std::string ed_spki, base::SpkiDer(ed.get()));
  EXPECT_THAT(SpkiKeyType(ed_spki),
              base::HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_FALSE(SpkiKeyType("no key at all").ok());
}

}  // namespace
}  // namespace countersign::hsm
