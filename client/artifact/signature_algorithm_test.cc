#include "client/artifact/signature_algorithm.h"

#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::IsOkAndHolds;
using base::SignatureScheme;
using testing::StrEq;

TEST(SignatureAlgorithm, NamesRoundTrip) {
  for (const SignatureScheme scheme :
       {SignatureScheme::kRsaPkcs1, SignatureScheme::kRsaPss,
        SignatureScheme::kEcdsa, SignatureScheme::kEd25519}) {
    EXPECT_THAT(ParseSignatureAlgorithm(SignatureAlgorithmName(scheme)),
                IsOkAndHolds(scheme));
  }
  EXPECT_STREQ(SignatureAlgorithmName(SignatureScheme::kRsaPkcs1),
               "RSASSA-PKCS1-V1_5");
  EXPECT_STREQ(SignatureAlgorithmName(SignatureScheme::kRsaPss), "RSASSA-PSS");
}

TEST(SignatureAlgorithm, RefusesOthers) {
  for (const char* name : {"", "GPG", "sigstore", "rsassa-pss", "RSA"}) {
    EXPECT_THAT(ParseSignatureAlgorithm(name),
                base::HasReason("SIGNATURE_ALGORITHM_UNKNOWN"))
        << name;
  }
}

TEST(PlainMediaType, IsKnownForRsaOnly) {
  EXPECT_THAT(PlainMediaType(SignatureScheme::kRsaPkcs1),
              IsOkAndHolds(StrEq("application/vnd.ocm.signature.rsa")));
  EXPECT_THAT(PlainMediaType(SignatureScheme::kRsaPss),
              IsOkAndHolds(StrEq("application/vnd.ocm.signature.rsa.pss")));
  for (const SignatureScheme scheme :
       {SignatureScheme::kEcdsa, SignatureScheme::kEd25519}) {
    EXPECT_THAT(PlainMediaType(scheme),
                base::HasReason("SIGNATURE_ALGORITHM_UNKNOWN"));
  }
}

}  // namespace
}  // namespace countersign::client
