#include "client/sigstore/sigstore_key.h"

#include <string>

#include "base/openssl.h"
#include "base/status_matchers.h"
#include "client/artifact/test_certificates.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using base::IsOkAndHolds;
using base::SignatureScheme;

std::string Spki(const base::EvpPkeyPtr& key) {
  const auto der = base::SpkiDer(key.get());
  EXPECT_OK(der.status());
  return der.value_or("");
}

base::EvpPkeyPtr EcKey(const char* curve) {
  return base::EvpPkeyPtr(EVP_EC_gen(curve));
}

TEST(SigstoreScheme, TakesWhatEveryVerifierTakes) {
  for (const char* curve : {"P-256", "P-384", "P-521"}) {
    EXPECT_THAT(SigstoreScheme(Spki(EcKey(curve))),
                IsOkAndHolds(SignatureScheme::kEcdsa))
        << curve;
  }
  EXPECT_THAT(SigstoreScheme(Spki(MakeRsaKey(2048))),
              IsOkAndHolds(SignatureScheme::kRsaPkcs1));
}

TEST(SigstoreScheme, RefusesTheRestWithAReason) {
  EXPECT_THAT(SigstoreScheme(Spki(MakeRsaKey(1024))),
              HasReason("KEY_UNSUPPORTED"));
  EXPECT_THAT(
      std::string(SigstoreScheme(Spki(MakeRsaKey(1024))).status().message()),
      testing::HasSubstr("1024 bits"));
  EXPECT_THAT(SigstoreScheme(Spki(EcKey("secp256k1"))),
              HasReason("KEY_UNSUPPORTED"));
  const base::EvpPkeyPtr ed(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  EXPECT_THAT(SigstoreScheme(Spki(ed)), HasReason("KEY_UNSUPPORTED"));
  const base::EvpPkeyPtr pss(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED448"));
  EXPECT_THAT(SigstoreScheme(Spki(pss)), HasReason("KEY_UNSUPPORTED"));
  EXPECT_FALSE(SigstoreScheme("no key").ok());
}

TEST(SigstoreHashes, AreSha256AndThoseOfCosign3) {
  using Hashes = std::vector<HashAlgorithm>;
  EXPECT_THAT(SigstoreHashes(Spki(EcKey("P-256"))),
              IsOkAndHolds(Hashes{HashAlgorithm::kSha256}));
  EXPECT_THAT(
      SigstoreHashes(Spki(EcKey("P-384"))),
      IsOkAndHolds(Hashes{HashAlgorithm::kSha256, HashAlgorithm::kSha384}));
  EXPECT_THAT(
      SigstoreHashes(Spki(EcKey("P-521"))),
      IsOkAndHolds(Hashes{HashAlgorithm::kSha256, HashAlgorithm::kSha512}));
  EXPECT_THAT(SigstoreHashes(Spki(MakeRsaKey(1024))),
              HasReason("KEY_UNSUPPORTED"));
}

}  // namespace
}  // namespace countersign::client
