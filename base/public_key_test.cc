#include "base/public_key.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/encoding.h"
#include "base/openssl.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::base {
namespace {

using testing::HasSubstr;

std::string Number(EVP_PKEY* key, const char* name, int size) {
  BIGNUM* raw = nullptr;
  EXPECT_EQ(EVP_PKEY_get_bn_param(key, name, &raw), 1);
  const BignumPtr number(raw);
  std::string octets(static_cast<size_t>(size), '\0');
  EXPECT_EQ(
      BN_bn2binpad(raw, reinterpret_cast<unsigned char*>(octets.data()), size),
      size);
  return octets;
}

TEST(RsaSpkiTest, MakesTheKeyThatTheNumbersAreOf) {
  const EvpPkeyPtr key(EVP_RSA_gen(2048));
  EXPECT_THAT(RsaSpki(Number(key.get(), "n", 256), Number(key.get(), "e", 3)),
              IsOkAndHolds(SpkiDer(key.get()).value()));
}

TEST(RsaSpkiTest, RefusesWhatIsNoKey) {
  const std::string odd(256, '\xff');
  const auto refused = HasCode(absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(RsaSpki("", "\x03"), refused);
  EXPECT_THAT(RsaSpki(odd, ""), refused);
  EXPECT_THAT(RsaSpki(odd, "\x01"), refused);
  EXPECT_THAT(RsaSpki(odd, "\x04"), refused);
  EXPECT_THAT(RsaSpki(absl::StrCat(odd, "\xfe"), "\x03"), refused);
  EXPECT_EQ(ERR_peek_error(), 0u);
}

struct CurveCase {
  const char* curve;
  int field;
};

class EcSpkiTest : public testing::TestWithParam<CurveCase> {};

TEST_P(EcSpkiTest, MakesTheKeyThatTheNumbersAreOf) {
  const auto [curve, field] = GetParam();
  const EvpPkeyPtr key(EVP_EC_gen(curve));
  EXPECT_THAT(EcSpki(curve, Number(key.get(), "qx", field),
                     Number(key.get(), "qy", field)),
              IsOkAndHolds(SpkiDer(key.get()).value()));
}

TEST_P(EcSpkiTest, RefusesPointsElsewhere) {
  const auto [curve, field] = GetParam();
  const EvpPkeyPtr key(EVP_EC_gen(curve));
  const std::string x = Number(key.get(), "qx", field);
  std::string y = Number(key.get(), "qy", field);
  const auto refused = HasCode(absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(EcSpki(curve, y, x), refused);
  EXPECT_THAT(
      EcSpki(curve, std::string(x.size(), '\0'), std::string(x.size(), '\0')),
      refused);
  EXPECT_THAT(EcSpki(curve, std::string(x.size(), '\xff'), y), refused);
  EXPECT_THAT(EcSpki(curve, x, y.substr(1)),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr(absl::StrCat(field, " octets"))));
  EXPECT_THAT(EcSpki(curve, absl::StrCat("x", x), y), refused);
  y.back() = static_cast<char>(y.back() ^ 1);
  EXPECT_THAT(EcSpki(curve, x, y), refused);
  EXPECT_EQ(ERR_peek_error(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Curves, EcSpkiTest,
                         testing::Values(CurveCase{"P-256", 32},
                                         CurveCase{"P-384", 48},
                                         CurveCase{"P-521", 66}));

TEST(EcSpkiTest, RefusesOtherCurves) {
  for (const char* curve : {"secp256k1", "P-192", "p-256", "prime256v1", ""}) {
    EXPECT_THAT(EcSpki(curve, std::string(32, 'x'), std::string(32, 'y')),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr("none of P-256")));
  }
}

TEST(Ed25519SpkiTest, MakesTheKeyOfRfc8037) {
  // A.1 of it, with the DER that RFC 8410 4 gives such keys.
  const std::string x =
      Base64UrlDecode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").value();
  EXPECT_THAT(Ed25519Spki(x),
              IsOkAndHolds(absl::StrCat(
                  HexDecode("302a300506032b6570032100").value(), x)));
  EXPECT_THAT(Ed25519Spki(x.substr(1)),
              HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(ERR_peek_error(), 0u);
}

}  // namespace
}  // namespace countersign::base
