#include "client/cli/algorithm_text.h"

#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using base::IsOkAndHolds;

TEST(ReadAlgorithm, TakesEachSpelling) {
  for (const char* text : {"ED25519", "ed25519", "Ed-25519", "EdDSA"}) {
    EXPECT_THAT(ReadAlgorithm(text), IsOkAndHolds(v1::ED25519)) << text;
  }
  EXPECT_THAT(ReadAlgorithm("pss"), IsOkAndHolds(v1::RSASSA_PSS));
  EXPECT_THAT(ReadAlgorithm("Ed448"), HasReason("ALGORITHM_UNKNOWN"));
}

TEST(ReadKeyType, TakesEachSpelling) {
  for (const char* text : {"Ed25519", "ED25519", "EC_EDWARDS25519"}) {
    EXPECT_THAT(ReadKeyType(text), IsOkAndHolds(v1::EC_EDWARDS25519)) << text;
  }
  EXPECT_THAT(ReadKeyType("X25519"), HasReason("KEY_TYPE_UNKNOWN"));
}

// Nothing can be hashed with no hash.
TEST(ReadHash, KnowsNoHashForOperationsOnly) {
  EXPECT_THAT(ReadHash("unhashed"), HasReason("HASH_UNKNOWN"));
  EXPECT_THAT(ReadAllowedHash("unhashed"), IsOkAndHolds(v1::UNHASHED));
  EXPECT_THAT(ReadAllowedHash("sha-384"), IsOkAndHolds(v1::SHA384));
}

TEST(ReadEcdsaForm, TakesEachSpelling) {
  EXPECT_THAT(ReadEcdsaForm("der"), IsOkAndHolds(v1::DER));
  for (const char* text : {"fixed-width", "FIXED_WIDTH", "p1363"}) {
    EXPECT_THAT(ReadEcdsaForm(text), IsOkAndHolds(v1::FIXED_WIDTH)) << text;
  }
  EXPECT_THAT(ReadEcdsaForm("raw"), HasReason("ECDSA_FORM_UNKNOWN"));
}

TEST(Format, NamesWhatIsShown) {
  EXPECT_EQ(Format(v1::UNHASHED), "UNHASHED");
  EXPECT_EQ(Format(v1::ED25519), "ED25519");
  EXPECT_EQ(Format(v1::EC_EDWARDS25519), "Ed25519");
}

TEST(SchemeOf, IsOfEachAlgorithm) {
  EXPECT_EQ(SchemeOf(v1::ED25519), base::SignatureScheme::kEd25519);
  EXPECT_EQ(SchemeOf(v1::ECDSA), base::SignatureScheme::kEcdsa);
}

}  // namespace
}  // namespace countersign::client
