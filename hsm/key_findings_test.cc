#include "hsm/key_findings.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "base/status_matchers.h"
#include "core/algorithms.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hsm/key_pair.h"
#include "hsm/session_fixture.h"

namespace countersign::hsm {
namespace {

using core::KeyType;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;
using testing::UnorderedElementsAre;

using TokenFindingsTest = SessionFixture;

TEST_F(TokenFindingsTest, TellsEveryAttributeOfAKeyOfOurs) {
  ASSERT_OK_AND_ASSIGN(const KeyPairHandles pair,
                       GenerateKeyPair(*session_, Key("k", KeyType::kEcP256)));
  ASSERT_OK_AND_ASSIGN(const KeyFindings findings,
                       ReadKeyFindings(*session_, pair.private_key));
  EXPECT_THAT(
      AttributesOf(findings),
      UnorderedElementsAre(
          Pair("CKA_SIGN", "true"), Pair("CKA_SENSITIVE", "true"),
          Pair("CKA_EXTRACTABLE", "false"),
          Pair("CKA_ALWAYS_SENSITIVE", "true"),
          Pair("CKA_NEVER_EXTRACTABLE", "true"), Pair("CKA_LOCAL", "true"),
          Pair("CKA_DECRYPT", "false"), Pair("CKA_UNWRAP", "false"),
          Pair("CKA_ALWAYS_AUTHENTICATE", "false"), Pair("CKA_PRIVATE", "true"),
          Pair("CKA_MODIFIABLE", "true")));
}

TEST_F(TokenFindingsTest, NamesEveryAttributeThatIsUnsafe) {
  const core::KeyRef key = Key("weak", KeyType::kEcP256);
  ASSERT_OK_AND_ASSIGN(const KeyPairHandles pair,
                       GenerateBadly(key, false, true));
  ASSERT_OK_AND_ASSIGN(const KeyFindings findings,
                       ReadKeyFindings(*session_, pair.private_key));
  EXPECT_THAT(
      CheckKeyFindings(key.label, findings),
      base::StatusIs(absl::StatusCode::kFailedPrecondition,
                     AllOf(HasSubstr("\"weak\""),
                           HasSubstr("CKA_SENSITIVE is false, must be true"),
                           HasSubstr("CKA_EXTRACTABLE is true, must be false"),
                           HasSubstr("CKA_NEVER_EXTRACTABLE"))));
}

TEST_F(TokenFindingsTest, UnknownAttributesAreNotFalse) {
  ASSERT_OK_AND_ASSIGN(const KeyPairHandles pair,
                       GenerateKeyPair(*session_, Key("k", KeyType::kEcP256)));
  for (const CK_RV code :
       {CKR_ATTRIBUTE_TYPE_INVALID, CKR_ATTRIBUTE_SENSITIVE}) {
    faults_.Fail(FaultPoint::kGetAttribute, code, 100);
    ASSERT_OK_AND_ASSIGN(const KeyFindings findings,
                         ReadKeyFindings(*session_, pair.private_key));
    faults_.Reset();
    EXPECT_EQ(findings.local, std::nullopt);
    EXPECT_EQ(findings.sensitive, std::nullopt);
    EXPECT_EQ(AttributesOf(findings).at("CKA_LOCAL"), "unknown");
  }
}

TEST_F(TokenFindingsTest, ADeviceErrorIsNoFinding) {
  ASSERT_OK_AND_ASSIGN(const KeyPairHandles pair,
                       GenerateKeyPair(*session_, Key("k", KeyType::kEcP256)));
  faults_.Fail(FaultPoint::kGetAttribute, CKR_DEVICE_ERROR);
  EXPECT_THAT(ReadKeyFindings(*session_, pair.private_key),
              base::HasCode(absl::StatusCode::kUnavailable));
}

TEST_F(TokenFindingsTest, AKeyThatAsksForThePinEachTimeIsRefusedWithAdvice) {
  Pretence pretence;
  pretence.attributes[CKA_ALWAYS_AUTHENTICATE] = true;
  faults_.Pretend(pretence);
  EXPECT_THAT(GenerateKeyPair(*session_, Key("k", KeyType::kEcP256)),
              base::StatusIs(absl::StatusCode::kFailedPrecondition,
                             AllOf(HasSubstr("CKA_ALWAYS_AUTHENTICATE is true"),
                                   HasSubstr("asks for the PIN between"),
                                   HasSubstr("make one without it"))));
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
      {&KeyFindings::is_private, false},
  };
  EXPECT_EQ(Judge(Safe()).size(), std::size(wrong));
  for (const auto& [field, value] : wrong) {
    KeyFindings findings = Safe();
    findings.*field = value;
    EXPECT_THAT(CheckKeyFindings("k", findings), base::HasReason("KEY_UNSAFE"));
    findings.*field = !value;
    EXPECT_OK(CheckKeyFindings("k", findings));
  }
}

TEST(KeyFindingsTest, AnAcceptedAttributeIsGoodWhateverItsValue) {
  KeyFindings findings = Safe();
  findings.local = false;
  EXPECT_OK(CheckKeyFindings("k", findings, {"CKA_LOCAL"}));
  findings.unwrap = true;
  EXPECT_THAT(CheckKeyFindings("k", findings, {"CKA_LOCAL"}),
              base::StatusIs(
                  absl::StatusCode::kFailedPrecondition,
                  AllOf(HasSubstr("CKA_UNWRAP"), Not(HasSubstr("CKA_LOCAL")))));
}

TEST(KeyFindingsTest, MayBeModifiableOrNot) {
  KeyFindings findings = Safe();
  for (const bool value : {true, false}) {
    findings.modifiable = value;
    EXPECT_OK(CheckKeyFindings("k", findings));
  }
}

TEST(AcceptedAttributesTest, OnlyWhereTheKeyWasMadeMayBeWaived) {
  EXPECT_OK(CheckAcceptedAttributes({}));
  EXPECT_OK(CheckAcceptedAttributes({"CKA_LOCAL"}));
  for (const char* name :
       {"CKA_EXTRACTABLE", "CKA_SENSITIVE", "CKA_ALWAYS_AUTHENTICATE",
        "CKA_DECRYPT", "cka_local", "", "CKA_LOCAL "}) {
    EXPECT_THAT(CheckAcceptedAttributes({"CKA_LOCAL", name}),
                base::HasReason("BAD_SIGNER_OPTIONS"))
        << name;
  }
}

}  // namespace
}  // namespace countersign::hsm
