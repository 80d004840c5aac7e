#include "hsm/key_pair.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/signature_verifier.h"
#include "base/status_macros.h"
#include "base/status_matchers.h"
#include "core/algorithms.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hsm/mechanism.h"
#include "hsm/public_key.h"
#include "hsm/return_code.h"
#include "hsm/session_fixture.h"

namespace countersign::hsm {
namespace {

using core::KeyType;
using testing::HasSubstr;

using KeyPairTest = SessionFixture;

class EveryKeyTypeTest : public KeyPairTest,
                         public testing::WithParamInterface<KeyType> {};

TEST_P(EveryKeyTypeTest, IsMadeInsideAndCannotLeave) {
  core::KeyRef key = Key("k", GetParam());
  ASSERT_OK_AND_ASSIGN(const KeyPairHandles pair,
                       GenerateKeyPair(*session_, key));
  // Read one by one, not through KeyFindings' own table.
  const std::pair<CK_ATTRIBUTE_TYPE, bool> wanted[] = {
      {CKA_TOKEN, true},         {CKA_PRIVATE, true},
      {CKA_SENSITIVE, true},     {CKA_ALWAYS_SENSITIVE, true},
      {CKA_EXTRACTABLE, false},  {CKA_NEVER_EXTRACTABLE, true},
      {CKA_LOCAL, true},         {CKA_SIGN, true},
      {CKA_DECRYPT, false},      {CKA_UNWRAP, false},
      {CKA_SIGN_RECOVER, false},
  };
  for (const auto& [type, want] : wanted) {
    EXPECT_THAT(session_->GetAttribute(pair.private_key, type),
                base::IsOkAndHolds(std::string(1, want ? '\1' : '\0')))
        << "attribute 0x" << std::hex << type;
  }
  for (const CK_OBJECT_HANDLE half : {pair.private_key, pair.public_key}) {
    EXPECT_THAT(session_->GetAttribute(half, CKA_ID),
                base::IsOkAndHolds(key.key_id));
    EXPECT_THAT(session_->GetAttribute(half, CKA_LABEL),
                base::IsOkAndHolds(key.label));
  }
  ASSERT_OK_AND_ASSIGN(key.spki, ReadSpki(*session_, pair.public_key, key));
  EXPECT_THAT(SpkiKeyType(key.spki), base::IsOkAndHolds(GetParam()));
  EXPECT_THAT(FindPinnedKey(*session_, key),
              base::IsOkAndHolds(pair.private_key));
}

std::string NameOf(const testing::TestParamInfo<KeyType>& info) {
  return absl::StrCat(core::IsRsa(info.param)           ? "Rsa"
                      : info.param == KeyType::kEd25519 ? "Ed"
                                                        : "P",
                      core::KeyBits(info.param));
}

INSTANTIATE_TEST_SUITE_P(All, EveryKeyTypeTest,
                         testing::Values(KeyType::kRsa2048, KeyType::kRsa3072,
                                         KeyType::kRsa4096, KeyType::kEcP256,
                                         KeyType::kEcP384, KeyType::kEcP521,
                                         KeyType::kEd25519),
                         NameOf);

TEST_F(KeyPairTest, PrivateHalfDoesNotLeave) {
  ASSERT_OK_AND_ASSIGN(const KeyPairHandles pair,
                       GenerateKeyPair(*session_, Key("k", KeyType::kEcP256)));
  EXPECT_EQ(ReturnCodeNameOf(
                session_->GetAttribute(pair.private_key, CKA_VALUE).status()),
            "CKR_ATTRIBUTE_SENSITIVE");
}

TEST_F(KeyPairTest, FindsNoKeyWhereThereIsNone) {
  ASSERT_OK_AND_ASSIGN(const auto pair,
                       FindKeyPair(*session_, Key("k", KeyType::kEcP256)));
  EXPECT_FALSE(pair.has_value());
  EXPECT_THAT(FindPinnedKey(*session_, Key("k", KeyType::kEcP256)),
              base::HasReason("KEY_MISSING"));
}

TEST_F(KeyPairTest, RefusesTwoKeysOfOneLabelAndId) {
  const core::KeyRef key = Key("twin", KeyType::kEcP256);
  ASSERT_OK(GenerateKeyPair(*session_, key));
  ASSERT_OK(GenerateKeyPair(*session_, key));
  EXPECT_THAT(FindKeyPair(*session_, key),
              base::StatusIs(absl::StatusCode::kFailedPrecondition,
                             testing::AllOf(HasSubstr("\"twin\""),
                                            HasSubstr("more than once"))));
}

TEST_F(KeyPairTest, SameLabelWithAnotherIdIsAnotherKey) {
  core::KeyRef key = Key("k", KeyType::kEcP256);
  ASSERT_OK(GenerateKeyPair(*session_, key));
  core::KeyRef other = key;
  other.key_id = "other";
  ASSERT_OK(GenerateKeyPair(*session_, other));
  ASSERT_OK_AND_ASSIGN(const auto one, FindKeyPair(*session_, key));
  ASSERT_OK_AND_ASSIGN(const auto two, FindKeyPair(*session_, other));
  EXPECT_NE(one->private_key, two->private_key);
}

TEST_F(KeyPairTest, NamesTheHalfThatIsMissing) {
  const core::KeyRef key = Key("k", KeyType::kEcP256);
  ASSERT_OK_AND_ASSIGN(const KeyPairHandles pair,
                       GenerateKeyPair(*session_, key));
  ASSERT_OK(session_->DestroyObject(pair.public_key));
  EXPECT_THAT(FindKeyPair(*session_, key),
              base::StatusIs(absl::StatusCode::kFailedPrecondition,
                             HasSubstr("no public key")));
  const core::KeyRef other = Key("o", KeyType::kEcP256);
  ASSERT_OK_AND_ASSIGN(const KeyPairHandles second,
                       GenerateKeyPair(*session_, other));
  ASSERT_OK(session_->DestroyObject(second.private_key));
  EXPECT_THAT(FindKeyPair(*session_, other),
              base::StatusIs(absl::StatusCode::kFailedPrecondition,
                             HasSubstr("no private key")));
}

TEST_F(KeyPairTest, RefusesAKeyThatIsNotThePinnedOne) {
  core::KeyRef key = Key("k", KeyType::kEcP256);
  ASSERT_OK(GenerateKeyPair(*session_, key));
  const core::KeyRef other = Key("o", KeyType::kEcP256);
  ASSERT_OK_AND_ASSIGN(const KeyPairHandles pair,
                       GenerateKeyPair(*session_, other));
  ASSERT_OK_AND_ASSIGN(key.spki, ReadSpki(*session_, pair.public_key, other));
  EXPECT_THAT(FindPinnedKey(*session_, key), base::HasReason("KEY_NOT_PINNED"));
}

TEST_F(KeyPairTest, DestroysAKeyWhoseAttributesCannotBeRead) {
  const core::KeyRef key = Key("k", KeyType::kEcP256);
  faults_.Fail(FaultPoint::kGetAttribute, CKR_DEVICE_ERROR);
  EXPECT_FALSE(GenerateKeyPair(*session_, key).ok());
  ASSERT_OK_AND_ASSIGN(const auto pair, FindKeyPair(*session_, key));
  EXPECT_FALSE(pair.has_value());
}

// What a verifier of ours says of a signature that the token made with that
// key over a digest (Ed25519: a message).
absl::Status SignAndVerify(Session& session, CK_OBJECT_HANDLE handle,
                           const core::KeyRef& key) {
  for (const core::SignatureAlgorithm algorithm :
       core::AlgorithmsFor(key.type)) {
    const Mechanism& mechanism =
        MechanismFor(algorithm, core::DefaultHash(key.type));
    const std::string digest(key.type == KeyType::kEd25519
                                 ? core::kMaxMessageSize
                                 : core::DigestSize(mechanism.hash),
                             'd');
    ASSIGN_OR_RETURN(std::string raw, session.Sign(mechanism, handle, digest));
    ASSIGN_OR_RETURN(const std::string signature,
                     EncodeSignature(key.type, std::move(raw)));
    ASSIGN_OR_RETURN(auto verifier,
                     base::SignatureVerifier::Create(key.spki, mechanism.scheme,
                                                     mechanism.openssl_hash));
    RETURN_IF_ERROR(verifier.Verify(digest, signature));
  }
  return absl::OkStatus();
}

// Without the RSA keys that take seconds to make.
class EveryKindOfKeyTest : public EveryKeyTypeTest {};

TEST_P(EveryKindOfKeyTest, MakesSignaturesThatItsPublicKeyVerifies) {
  core::KeyRef key = Key("k", GetParam());
  ASSERT_OK_AND_ASSIGN(const KeyPairHandles pair,
                       GenerateKeyPair(*session_, key));
  ASSERT_OK_AND_ASSIGN(key.spki, ReadSpki(*session_, pair.public_key, key));
  EXPECT_OK(SignAndVerify(*session_, pair.private_key, key));
  EXPECT_OK(ProveKey(*session_, pair.private_key, key, key.spki, "challenge"));
  core::KeyRef other = Key("o", GetParam());
  ASSERT_OK_AND_ASSIGN(const KeyPairHandles second,
                       GenerateKeyPair(*session_, other));
  EXPECT_THAT(
      ProveKey(*session_, second.private_key, key, key.spki, "challenge"),
      base::HasReason("KEY_NOT_PROVED"));
}

// Many real tokens keep no public key object. RSA tells its public key in the
// private half; others sign a text instead of the comparison.
TEST_P(EveryKindOfKeyTest, IsFoundAndComparedWithoutAPublicKeyObject) {
  core::KeyRef key = Key("k", GetParam());
  ASSERT_OK_AND_ASSIGN(const KeyPairHandles pair,
                       GenerateKeyPair(*session_, key));
  ASSERT_OK_AND_ASSIGN(key.spki, ReadSpki(*session_, pair.public_key, key));
  core::KeyRef other = Key("o", GetParam());
  ASSERT_OK_AND_ASSIGN(const KeyPairHandles second,
                       GenerateKeyPair(*session_, other));
  ASSERT_OK(session_->DestroyObject(pair.public_key));
  ASSERT_OK(session_->DestroyObject(second.public_key));
  const KeyHalves halves = {pair.private_key, std::nullopt};
  ASSERT_OK_AND_ASSIGN(const auto spki, ReadSpki(*session_, halves, key));
  EXPECT_EQ(spki.has_value(), core::IsRsa(GetParam()));
  EXPECT_EQ(spki.value_or(key.spki), key.spki);
  EXPECT_THAT(FindPinnedKey(*session_, key),
              base::IsOkAndHolds(pair.private_key));
  other.spki = key.spki;
  EXPECT_THAT(FindPinnedKey(*session_, other),
              base::HasReason("KEY_NOT_PINNED"));
}

INSTANTIATE_TEST_SUITE_P(All, EveryKindOfKeyTest,
                         testing::Values(KeyType::kRsa2048, KeyType::kEcP256,
                                         KeyType::kEcP384, KeyType::kEcP521,
                                         KeyType::kEd25519),
                         NameOf);

TEST_F(KeyPairTest, NamesTheMechanismThatTheModuleDoesNotHave) {
  const struct {
    KeyType type;
    CK_MECHANISM_TYPE mechanism;
    const char* says;
  } rows[] = {
      {KeyType::kRsa2048, CKM_RSA_PKCS_KEY_PAIR_GEN,
       "CKM_RSA_PKCS_KEY_PAIR_GEN"},
      {KeyType::kEcP256, CKM_EC_KEY_PAIR_GEN, "CKM_EC_KEY_PAIR_GEN"},
      {KeyType::kEd25519, CKM_EC_EDWARDS_KEY_PAIR_GEN,
       "CKM_EC_EDWARDS_KEY_PAIR_GEN"},
  };
  for (const auto& row : rows) {
    faults_.Fail(FaultPoint::kGenerateKeyPair, CKR_MECHANISM_INVALID);
    const auto made = GenerateKeyPair(*session_, Key("k", row.type));
    EXPECT_THAT(made, base::HasReason("MECHANISM_ABSENT"));
    EXPECT_THAT(made, base::StatusIs(absl::StatusCode::kFailedPrecondition,
                                     HasSubstr(row.says)));
  }
}

TEST_F(KeyPairTest, NamesTheMissingMechanismWhenItSigns) {
  core::KeyRef key = Key("k", KeyType::kEd25519);
  ASSERT_OK_AND_ASSIGN(const KeyPairHandles pair,
                       GenerateKeyPair(*session_, key));
  faults_.Fail(FaultPoint::kSignInit, CKR_MECHANISM_INVALID);
  EXPECT_THAT(session_->Sign(MechanismFor(core::SignatureAlgorithm::kEd25519,
                                          core::HashAlgorithm::kUnhashed),
                             pair.private_key, "m"),
              base::StatusIs(absl::StatusCode::kFailedPrecondition,
                             HasSubstr("has no CKM_EDDSA")));
}

TEST_F(KeyPairTest, NamesAnEdwardsCurveIfItsOidIsRefused) {
  core::KeyRef key = Key("k", KeyType::kEd25519);
  for (const CK_RV code : {CKR_GENERAL_ERROR, CKR_ATTRIBUTE_VALUE_INVALID,
                           CKR_DOMAIN_PARAMS_INVALID}) {
    faults_.Fail(FaultPoint::kGenerateKeyPair, code);
    ASSERT_OK_AND_ASSIGN(const KeyPairHandles pair,
                         GenerateKeyPair(*session_, key));
    EXPECT_THAT(session_->GetAttribute(pair.public_key, CKA_EC_PARAMS),
                base::IsOkAndHolds(CurveName(key.type)));
    EXPECT_OK(ReadSpki(*session_, pair.public_key, key));
    ASSERT_OK(session_->DestroyObject(pair.private_key));
    ASSERT_OK(session_->DestroyObject(pair.public_key));
  }
  // The first answer is told, not the second one.
  faults_.Fail(FaultPoint::kGenerateKeyPair, CKR_DEVICE_ERROR, 2);
  EXPECT_EQ(ReturnCodeNameOf(GenerateKeyPair(*session_, key).status()),
            "CKR_DEVICE_ERROR");
}

TEST_F(KeyPairTest, RefusesAKeyOfAnotherKindBeforeItSigns) {
  core::KeyRef key = Key("k", KeyType::kEcP256);
  ASSERT_OK_AND_ASSIGN(const KeyPairHandles pair,
                       GenerateKeyPair(*session_, key));
  ASSERT_OK_AND_ASSIGN(key.spki, ReadSpki(*session_, pair.public_key, key));
  core::KeyRef wrong = key;
  wrong.type = KeyType::kEcP384;
  EXPECT_THAT(FindPinnedKey(*session_, wrong),
              base::HasReason("KEY_OF_OTHER_TYPE"));
  ASSERT_OK(session_->DestroyObject(pair.public_key));
  wrong.type = KeyType::kRsa2048;
  EXPECT_THAT(FindPinnedKey(*session_, wrong),
              base::HasReason("KEY_OF_OTHER_TYPE"));
  EXPECT_EQ(faults_.calls(FaultPoint::kSignInit), 0);
}

}  // namespace
}  // namespace countersign::hsm
