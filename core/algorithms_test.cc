#include "core/algorithms.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::core {
namespace {

using H = HashAlgorithm;
using K = KeyType;
using S = SignatureAlgorithm;

TEST(AlgorithmsTest, KnowsEachKeyType) {
  struct Row {
    K type;
    bool rsa;
    int bits;
    H hash;
    absl::string_view text;
  };
  const Row rows[] = {
      {K::kRsa2048, true, 2048, H::kSha256, "RSA2048"},
      {K::kRsa3072, true, 3072, H::kSha256, "RSA3072"},
      {K::kRsa4096, true, 4096, H::kSha256, "RSA4096"},
      {K::kEcP256, false, 256, H::kSha256, "P-256"},
      {K::kEcP384, false, 384, H::kSha384, "P-384"},
      {K::kEcP521, false, 521, H::kSha512, "P-521"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(std::string(row.text));
    EXPECT_EQ(IsRsa(row.type), row.rsa);
    EXPECT_EQ(KeyBits(row.type), row.bits);
    EXPECT_EQ(DefaultHash(row.type), row.hash);
    EXPECT_EQ(ToString(row.type), row.text);
    EXPECT_EQ(Fits(row.type, S::kRsassaPkcs1V15), row.rsa);
    EXPECT_EQ(Fits(row.type, S::kRsassaPss), row.rsa);
    EXPECT_EQ(Fits(row.type, S::kEcdsa), !row.rsa);
    EXPECT_EQ(AlgorithmsFor(row.type),
              row.rsa ? (std::vector<S>{S::kRsassaPkcs1V15, S::kRsassaPss})
                      : std::vector<S>{S::kEcdsa});
    EXPECT_THAT(ParseKeyType(row.text), base::IsOkAndHolds(row.type));
  }
}

TEST(AlgorithmsTest, KnowsEd25519) {
  EXPECT_FALSE(IsRsa(K::kEd25519));
  EXPECT_EQ(KeyBits(K::kEd25519), 255);
  EXPECT_EQ(DefaultHash(K::kEd25519), H::kUnhashed);
  EXPECT_EQ(AlgorithmsFor(K::kEd25519), std::vector<S>{S::kEd25519});
  EXPECT_FALSE(Fits(K::kEcP256, S::kEd25519));
  EXPECT_THAT(ParseKeyType("Ed25519"), base::IsOkAndHolds(K::kEd25519));
  EXPECT_THAT(ParseSignatureAlgorithm("ED25519"),
              base::IsOkAndHolds(S::kEd25519));
}

TEST(AlgorithmsTest, TakesMessagesForEd25519AndDigestsForAllElse) {
  for (const H hash : {H::kSha256, H::kSha384, H::kSha512}) {
    EXPECT_FALSE(Fits(S::kEd25519, hash));
    EXPECT_TRUE(Fits(S::kEcdsa, hash));
    EXPECT_TRUE(DigestFits(hash, DigestSize(hash)));
    EXPECT_FALSE(DigestFits(hash, DigestSize(hash) - 1));
  }
  EXPECT_TRUE(Fits(S::kEd25519, H::kUnhashed));
  EXPECT_FALSE(Fits(S::kEcdsa, H::kUnhashed));
  EXPECT_TRUE(DigestFits(H::kUnhashed, 0));
  EXPECT_TRUE(DigestFits(H::kUnhashed, kMaxMessageSize));
  EXPECT_FALSE(DigestFits(H::kUnhashed, kMaxMessageSize + 1));
}

TEST(AlgorithmsTest, KnowsEachEcdsaForm) {
  EXPECT_THAT(ParseEcdsaForm("der"), base::IsOkAndHolds(EcdsaForm::kDer));
  EXPECT_THAT(ParseEcdsaForm(ToString(EcdsaForm::kFixedWidth)),
              base::IsOkAndHolds(EcdsaForm::kFixedWidth));
  EXPECT_EQ(ParseEcdsaForm("hex").status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(AlgorithmsTest, KnowsEachHash) {
  EXPECT_EQ(DigestSize(H::kSha256), 32u);
  EXPECT_EQ(DigestSize(H::kSha384), 48u);
  EXPECT_EQ(DigestSize(H::kSha512), 64u);
  for (const H hash : {H::kSha256, H::kSha384, H::kSha512}) {
    EXPECT_THAT(ParseHashAlgorithm(ToString(hash)), base::IsOkAndHolds(hash));
  }
  for (const S s : {S::kRsassaPkcs1V15, S::kRsassaPss, S::kEcdsa}) {
    EXPECT_THAT(ParseSignatureAlgorithm(ToString(s)), base::IsOkAndHolds(s));
  }
}

TEST(AlgorithmsTest, ReadsCommonSpellings) {
  for (const char* text : {"RSA4096", "RSA-4096", "rsa4096", "RSA_4096"}) {
    EXPECT_THAT(ParseKeyType(text), base::IsOkAndHolds(K::kRsa4096)) << text;
  }
  for (const char* text :
       {"P-256", "p256", "EC_P256", "ECP256", "prime256v1", "secp256r1"}) {
    EXPECT_THAT(ParseKeyType(text), base::IsOkAndHolds(K::kEcP256)) << text;
  }
  for (const char* text : {"SHA256", "SHA-256", "sha-256", "sha256"}) {
    EXPECT_THAT(ParseHashAlgorithm(text), base::IsOkAndHolds(H::kSha256))
        << text;
  }
  for (const char* text : {"RSASSA-PKCS1-V1_5", "RSASSA_PKCS1_V1_5", "PKCS1",
                           "RSASSA-PKCS1-v1.5"}) {
    EXPECT_THAT(ParseSignatureAlgorithm(text),
                base::IsOkAndHolds(S::kRsassaPkcs1V15))
        << text;
  }
  for (const char* text : {"RSASSA-PSS", "RSASSA_PSS", "PSS", "pss"}) {
    EXPECT_THAT(ParseSignatureAlgorithm(text),
                base::IsOkAndHolds(S::kRsassaPss))
        << text;
  }
  EXPECT_THAT(ParseSignatureAlgorithm("ecdsa"), base::IsOkAndHolds(S::kEcdsa));
}

TEST(AlgorithmsTest, RefusesSha1AndMd5ByName) {
  for (const char* text : {"SHA-1", "SHA1", "sha1", "sha_1", "SHA"}) {
    EXPECT_THAT(ParseHashAlgorithm(text),
                base::StatusIs(absl::StatusCode::kInvalidArgument,
                               "SHA-1 is not accepted: use SHA-256, SHA-384 or "
                               "SHA-512"))
        << text;
    EXPECT_THAT(ParseHashAlgorithm(text), base::HasReason("WEAK_HASH"));
  }
  EXPECT_THAT(ParseHashAlgorithm("md5"),
              base::StatusIs(absl::StatusCode::kInvalidArgument,
                             testing::StartsWith("MD5 is not accepted")));
}

TEST(AlgorithmsTest, SaysWhatWouldBeRightWhereItKnowsNone) {
  for (const std::string& text :
       {std::string(), std::string("-"), std::string("RSA1024"),
        std::string("SHA-224"), std::string("SHA-512/256"),
        std::string("SHA-3"), std::string("\xff"), std::string(1 << 20, 'x'),
        "SHA256" + std::string(100, '-')}) {
    EXPECT_THAT(ParseHashAlgorithm(text),
                base::StatusIs(absl::StatusCode::kInvalidArgument,
                               testing::HasSubstr("SHA-256, SHA-384, SHA-512")))
        << text.substr(0, 20);
    EXPECT_THAT(ParseKeyType(text),
                base::StatusIs(absl::StatusCode::kInvalidArgument,
                               testing::HasSubstr("RSA2048, RSA3072, RSA4096, "
                                                  "P-256, P-384, P-521")));
    EXPECT_THAT(ParseSignatureAlgorithm(text),
                base::StatusIs(absl::StatusCode::kInvalidArgument,
                               testing::HasSubstr(
                                   "RSASSA-PKCS1-V1_5, RSASSA-PSS, ECDSA")));
    EXPECT_THAT(ParseKeyType(text), base::HasReason("UNKNOWN_ALGORITHM"));
  }
}

}  // namespace
}  // namespace countersign::core
