#include "hsm/key_pair.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "core/algorithms.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hsm/hsm_fixture.h"
#include "hsm/key_findings.h"
#include "hsm/object_template.h"
#include "hsm/public_key.h"
#include "hsm/return_code.h"
#include "hsm/token.h"

namespace countersign::hsm {
namespace {

using core::KeyType;
using testing::HasSubstr;

class KeyPairTest : public HsmFixture {
 protected:
  void SetUp() override {
    HsmFixture::SetUp();
    auto token = Token::Open(FaultModulePath(), "test", softhsm_->pin_file());
    ASSERT_OK(token);
    token_ = *std::move(token);
    auto session = token_->OpenSession(Session::Mode::kReadWrite);
    ASSERT_OK(session);
    session_.emplace(*std::move(session));
  }

  // A pair made with other attributes than ours.
  absl::StatusOr<KeyPairHandles> GenerateBadly(const core::KeyRef& key,
                                               bool sensitive,
                                               bool extractable) {
    ObjectTemplate public_key;
    public_key.Bool(CKA_TOKEN, true)
        .Octets(CKA_ID, key.key_id)
        .Octets(CKA_LABEL, key.label)
        .Octets(CKA_EC_PARAMS, CurveOid(key.type));
    ObjectTemplate private_key;
    private_key.Bool(CKA_TOKEN, true)
        .Bool(CKA_PRIVATE, true)
        .Octets(CKA_ID, key.key_id)
        .Octets(CKA_LABEL, key.label)
        .Bool(CKA_SENSITIVE, sensitive)
        .Bool(CKA_EXTRACTABLE, extractable)
        .Bool(CKA_SIGN, true);
    return session_->GenerateKeyPair(CKM_EC_KEY_PAIR_GEN, public_key,
                                     private_key);
  }

  std::unique_ptr<Token> token_;
  std::optional<Session> session_;
};

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

INSTANTIATE_TEST_SUITE_P(All, EveryKeyTypeTest,
                         testing::Values(KeyType::kRsa2048, KeyType::kRsa3072,
                                         KeyType::kRsa4096, KeyType::kEcP256,
                                         KeyType::kEcP384, KeyType::kEcP521),
                         [](const auto& info) {
                           return absl::StrCat(
                               core::IsRsa(info.param) ? "Rsa" : "P",
                               core::KeyBits(info.param));
                         });

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

TEST_F(KeyPairTest, NamesEveryAttributeThatIsUnsafe) {
  const core::KeyRef key = Key("weak", KeyType::kEcP256);
  ASSERT_OK_AND_ASSIGN(const KeyPairHandles pair,
                       GenerateBadly(key, false, true));
  ASSERT_OK_AND_ASSIGN(const KeyFindings findings,
                       ReadKeyFindings(*session_, pair.private_key));
  EXPECT_THAT(
      CheckKeyFindings(key.label, findings),
      base::StatusIs(
          absl::StatusCode::kFailedPrecondition,
          testing::AllOf(HasSubstr("\"weak\""),
                         HasSubstr("CKA_SENSITIVE is false, must be true"),
                         HasSubstr("CKA_EXTRACTABLE is true, must be false"),
                         HasSubstr("CKA_NEVER_EXTRACTABLE"))));
}

TEST_F(KeyPairTest, DestroysAKeyWhoseAttributesCannotBeRead) {
  const core::KeyRef key = Key("k", KeyType::kEcP256);
  faults_.Fail(FaultPoint::kGetAttribute, CKR_DEVICE_ERROR);
  EXPECT_FALSE(GenerateKeyPair(*session_, key).ok());
  ASSERT_OK_AND_ASSIGN(const auto pair, FindKeyPair(*session_, key));
  EXPECT_FALSE(pair.has_value());
}

TEST_F(KeyPairTest, UnknownAttributesAreNotFalse) {
  ASSERT_OK_AND_ASSIGN(const KeyPairHandles pair,
                       GenerateKeyPair(*session_, Key("k", KeyType::kEcP256)));
  faults_.Fail(FaultPoint::kGetAttribute, CKR_ATTRIBUTE_TYPE_INVALID, 100);
  ASSERT_OK_AND_ASSIGN(const KeyFindings findings,
                       ReadKeyFindings(*session_, pair.private_key));
  EXPECT_EQ(findings.local, std::nullopt);
  EXPECT_EQ(findings.sensitive, std::nullopt);
}

KeyFindings Safe() {
  KeyFindings findings;
  findings.sign = true;
  findings.sensitive = true;
  findings.extractable = false;
  return findings;
}

TEST(KeyFindingsTest, UnknownPassesWhereModulesDiffer) {
  EXPECT_OK(CheckKeyFindings("k", Safe()));
}

TEST(KeyFindingsTest, UnknownDoesNotPassForWhatMatters) {
  for (auto field : {&KeyFindings::sign, &KeyFindings::sensitive,
                     &KeyFindings::extractable}) {
    KeyFindings findings = Safe();
    findings.*field = std::nullopt;
    EXPECT_THAT(CheckKeyFindings("k", findings),
                base::StatusIs(absl::StatusCode::kFailedPrecondition,
                               HasSubstr("is unknown")));
  }
}

TEST(KeyFindingsTest, EachWrongAttributeIsRefused) {
  const std::pair<std::optional<bool> KeyFindings::*, bool> wrong[] = {
      {&KeyFindings::sign, false},
      {&KeyFindings::sensitive, false},
      {&KeyFindings::always_sensitive, false},
      {&KeyFindings::extractable, true},
      {&KeyFindings::never_extractable, false},
      {&KeyFindings::local, false},
      {&KeyFindings::decrypt, true},
      {&KeyFindings::unwrap, true},
      {&KeyFindings::always_authenticate, true},
  };
  for (const auto& [field, value] : wrong) {
    KeyFindings findings = Safe();
    findings.*field = value;
    EXPECT_THAT(CheckKeyFindings("k", findings), base::HasReason("KEY_UNSAFE"));
    findings.*field = !value;
    EXPECT_OK(CheckKeyFindings("k", findings));
  }
}

}  // namespace
}  // namespace countersign::hsm
