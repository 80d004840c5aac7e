#include "hsm/key_life.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "base/status_matchers.h"
#include "core/algorithms.h"
#include "core/signer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hsm/key_pair.h"
#include "hsm/object_template.h"
#include "hsm/public_key.h"
#include "hsm/session_fixture.h"

namespace countersign::hsm {
namespace {

using core::KeyType;
using testing::HasSubstr;

class KeyLifeTest : public SessionFixture {
 protected:
  absl::StatusOr<CheckedKey> Make(const core::KeyRef& key) {
    return MakeKeyInToken(*session_, key, {});
  }
  absl::StatusOr<CheckedKey> Register(
      const core::KeyRef& key, const std::vector<std::string>& accept = {}) {
    return RegisterKeyInToken(*session_, key, accept, random_);
  }
  // Makes it and keeps its public key.
  core::KeyRef Made(const std::string& label, KeyType type) {
    core::KeyRef key = Key(label, type);
    const auto made = Make(key);
    EXPECT_OK(made);
    if (made.ok()) key.spki = made->spki;
    return key;
  }
  KeyHalves Halves(const core::KeyRef& key) {
    const auto halves = FindHalves(*session_, key);
    EXPECT_OK(halves);
    return halves.value_or(KeyHalves());
  }
  void DestroyHalf(const core::KeyRef& key,
                   std::optional<CK_OBJECT_HANDLE> KeyHalves::*half) {
    EXPECT_OK(session_->DestroyObject((Halves(key).*half).value()));
  }
  bool IsGone(const core::KeyRef& key) {
    const KeyHalves halves = Halves(key);
    return !halves.private_key.has_value() && !halves.public_key.has_value();
  }

  base::FakeRandom random_;
};

class EveryKeyLifeTest : public KeyLifeTest,
                         public testing::WithParamInterface<KeyType> {};

TEST_P(EveryKeyLifeTest, GoesFromMakingOverRegistrationToDestruction) {
  core::KeyRef key = Key("k", GetParam());
  ASSERT_OK_AND_ASSIGN(const CheckedKey made, Make(key));
  EXPECT_THAT(SpkiKeyType(made.spki), base::IsOkAndHolds(GetParam()));
  EXPECT_EQ(made.findings.attributes.at("CKA_SENSITIVE"), "true");
  EXPECT_EQ(made.findings.attributes.at("CKA_EXTRACTABLE"), "false");
  ASSERT_OK_AND_ASSIGN(const CheckedKey registered, Register(key));
  EXPECT_EQ(registered.spki, made.spki);
  EXPECT_EQ(registered.findings, made.findings);
  key.spki = made.spki;
  EXPECT_OK(Register(key));
  EXPECT_OK(DestroyKeyInToken(*session_, key));
  EXPECT_TRUE(IsGone(key));
  EXPECT_OK(DestroyKeyInToken(*session_, key));
  EXPECT_THAT(Register(key), base::HasReason("KEY_MISSING"));
}

// Where neither half tells the public key, who registers it must, and the
// challenge proves that it is the one.
TEST_P(EveryKeyLifeTest, CanDoWithoutAPublicKeyObject) {
  core::KeyRef key = Made("k", GetParam());
  const core::KeyRef other = Made("o", GetParam());
  DestroyHalf(key, &KeyHalves::public_key);
  core::KeyRef unpinned = key;
  unpinned.spki.clear();
  const auto registered = Register(unpinned);
  if (core::IsRsa(GetParam())) {
    ASSERT_OK(registered);
    EXPECT_EQ(registered->spki, key.spki);
  } else {
    EXPECT_THAT(registered, base::HasReason("PUBLIC_KEY_UNKNOWN"));
  }
  ASSERT_OK_AND_ASSIGN(const CheckedKey with_spki, Register(key));
  EXPECT_EQ(with_spki.spki, key.spki);
  core::KeyRef wrong = key;
  wrong.spki = other.spki;
  EXPECT_THAT(Register(wrong),
              base::HasReason(core::IsRsa(GetParam()) ? "KEY_NOT_PINNED"
                                                      : "KEY_NOT_PROVED"));
  EXPECT_THAT(DestroyKeyInToken(*session_, wrong),
              base::HasReason("KEY_NOT_PINNED"));
  EXPECT_OK(DestroyKeyInToken(*session_, key));
  EXPECT_TRUE(IsGone(key));
}

INSTANTIATE_TEST_SUITE_P(All, EveryKeyLifeTest,
                         testing::Values(KeyType::kRsa2048, KeyType::kEcP256,
                                         KeyType::kEcP384, KeyType::kEcP521,
                                         KeyType::kEd25519),
                         [](const auto& info) {
                           return absl::StrCat("Bits",
                                               core::KeyBits(info.param));
                         });

TEST_F(KeyLifeTest, MakingTakesAKeyThatIsThere) {
  const core::KeyRef key = Made("k", KeyType::kEcP256);
  ASSERT_OK_AND_ASSIGN(const CheckedKey again, Make(key));
  EXPECT_EQ(again.spki, key.spki);
  EXPECT_EQ(faults_.calls(FaultPoint::kGenerateKeyPair), 1);
}

TEST_F(KeyLifeTest, MakingRefusesAKeyOfAnotherTypeThatIsThere) {
  const core::KeyRef key = Made("k", KeyType::kEcP256);
  for (const KeyType type :
       {KeyType::kEcP384, KeyType::kRsa2048, KeyType::kEd25519}) {
    core::KeyRef other = key;
    other.type = type;
    EXPECT_THAT(Make(other), base::HasReason("KEY_OF_OTHER_TYPE"));
    other.spki.clear();
    EXPECT_THAT(Register(other), base::HasReason("KEY_OF_OTHER_TYPE"));
  }
  EXPECT_EQ(faults_.calls(FaultPoint::kSignInit), 0);
}

TEST_F(KeyLifeTest, MakingNamesTheHalfThatIsMissing) {
  const core::KeyRef key = Made("k", KeyType::kEcP256);
  DestroyHalf(key, &KeyHalves::private_key);
  for (const auto& result : {Make(key), Register(key)}) {
    EXPECT_THAT(result, base::StatusIs(absl::StatusCode::kFailedPrecondition,
                                       HasSubstr("no private key")));
  }
}

TEST_F(KeyLifeTest, RefusesTwoKeysOfOneNameInEveryStep) {
  const core::KeyRef key = Made("twin", KeyType::kEcP256);
  ASSERT_OK(GenerateKeyPair(*session_, key));
  EXPECT_THAT(Make(key), base::HasReason("KEY_DOUBLED"));
  EXPECT_THAT(Register(key), base::HasReason("KEY_DOUBLED"));
  EXPECT_THAT(DestroyKeyInToken(*session_, key),
              base::HasReason("KEY_DOUBLED"));
}

TEST_F(KeyLifeTest, RegistrationRefusesAnUnsafeKeyBeforeItSigns) {
  const core::KeyRef key = Key("weak", KeyType::kEcP256);
  ASSERT_OK(GenerateBadly(key, false, true));
  EXPECT_THAT(Register(key), base::HasReason("KEY_UNSAFE"));
  EXPECT_EQ(faults_.calls(FaultPoint::kSignInit), 0);
}

TEST_F(KeyLifeTest, RegistrationAcceptsWhatIsConfiguredAndTellsIt) {
  const core::KeyRef key = Made("k", KeyType::kEcP256);
  Pretence pretence;
  pretence.attributes[CKA_LOCAL] = false;
  pretence.attributes[CKA_NEVER_EXTRACTABLE] = std::nullopt;
  faults_.Pretend(pretence);
  EXPECT_THAT(Register(key), base::HasReason("KEY_UNSAFE"));
  ASSERT_OK_AND_ASSIGN(const CheckedKey checked, Register(key, {"CKA_LOCAL"}));
  EXPECT_EQ(checked.findings.attributes.at("CKA_LOCAL"), "false");
  EXPECT_EQ(checked.findings.attributes.at("CKA_NEVER_EXTRACTABLE"), "unknown");
}

TEST_F(KeyLifeTest, RegistrationRefusesAnotherPublicKeyThanTheGivenOne) {
  core::KeyRef key = Made("k", KeyType::kEcP256);
  key.spki = Made("o", KeyType::kEcP256).spki;
  EXPECT_THAT(Register(key), base::HasReason("KEY_NOT_PINNED"));
}

// Somebody put another public key object in the place of the key's own.
TEST_F(KeyLifeTest, RegistrationNoticesAPublicKeyThatIsNotTheKeysOwn) {
  core::KeyRef key = Made("k", KeyType::kEcP256);
  DestroyHalf(key, &KeyHalves::public_key);
  ObjectTemplate public_key;
  public_key.Bool(CKA_TOKEN, true)
      .Octets(CKA_ID, key.key_id)
      .Octets(CKA_LABEL, key.label)
      .Octets(CKA_EC_PARAMS, CurveOid(key.type));
  ObjectTemplate private_key;
  private_key.Bool(CKA_TOKEN, true).Octets(CKA_LABEL, "stranger");
  ASSERT_OK(
      session_->GenerateKeyPair(CKM_EC_KEY_PAIR_GEN, public_key, private_key));
  key.spki.clear();
  EXPECT_THAT(Register(key), base::HasReason("KEY_NOT_PROVED"));
}

TEST_F(KeyLifeTest, TheChallengeIsAnotherEachTime) {
  const core::KeyRef key = Made("k", KeyType::kEcP256);
  ASSERT_OK(Register(key));
  base::FakeRandom same;
  const std::string first = same.Bytes(32);
  EXPECT_NE(random_.Bytes(32), first);
  EXPECT_EQ(faults_.calls(FaultPoint::kSign), 1);
}

TEST_F(KeyLifeTest, RegistrationRefusesASignatureThatDoesNotVerify) {
  for (const KeyType type :
       {KeyType::kRsa2048, KeyType::kEcP256, KeyType::kEd25519}) {
    const core::KeyRef key = Made(absl::StrCat("k", core::KeyBits(type)), type);
    faults_.CorruptSignatures(1);
    EXPECT_THAT(Register(key), base::HasReason("KEY_NOT_PROVED"));
    EXPECT_OK(Register(key));
  }
}

TEST_F(KeyLifeTest, RegistrationNamesTheMechanismThatIsAbsent) {
  const core::KeyRef key = Made("k", KeyType::kEd25519);
  faults_.Fail(FaultPoint::kSignInit, CKR_MECHANISM_INVALID);
  EXPECT_THAT(Register(key), base::HasReason("MECHANISM_ABSENT"));
}

TEST_F(KeyLifeTest, AKeyThatMaySignByPssOnlyProvesItselfSo) {
  const core::KeyRef key = Made("k", KeyType::kRsa2048);
  faults_.Fail(FaultPoint::kSignInit, CKR_MECHANISM_INVALID);
  EXPECT_OK(Register(key));
  EXPECT_EQ(faults_.calls(FaultPoint::kSignInit), 2);
}

TEST_F(KeyLifeTest, DestroysNothingThatIsNotThePinnedKey) {
  core::KeyRef key = Made("k", KeyType::kEcP256);
  const core::KeyRef other = Made("o", KeyType::kEcP256);
  key.spki = other.spki;
  EXPECT_THAT(DestroyKeyInToken(*session_, key),
              base::HasReason("KEY_NOT_PINNED"));
  EXPECT_EQ(faults_.calls(FaultPoint::kDestroyObject), 0);
  EXPECT_TRUE(Halves(key).private_key.has_value());
}

TEST_F(KeyLifeTest, GoesOnWithAHalfDestroyedKey) {
  const core::KeyRef one = Made("one", KeyType::kEcP256);
  DestroyHalf(one, &KeyHalves::private_key);
  core::KeyRef wrong = one;
  wrong.spki = Made("other", KeyType::kEcP256).spki;
  EXPECT_THAT(DestroyKeyInToken(*session_, wrong),
              base::HasReason("KEY_NOT_PINNED"));
  EXPECT_OK(DestroyKeyInToken(*session_, one));
  EXPECT_TRUE(IsGone(one));
}

TEST_F(KeyLifeTest, AFailureBetweenTheHalvesLeavesWhatARepetitionDestroys) {
  const core::KeyRef key = Made("k", KeyType::kEcP256);
  faults_.Fail(FaultPoint::kDestroyObject, CKR_DEVICE_ERROR, 1, /*skip=*/1);
  EXPECT_THAT(DestroyKeyInToken(*session_, key),
              base::HasCode(absl::StatusCode::kUnavailable));
  EXPECT_FALSE(Halves(key).private_key.has_value());
  EXPECT_TRUE(Halves(key).public_key.has_value());
  EXPECT_OK(DestroyKeyInToken(*session_, key));
  EXPECT_TRUE(IsGone(key));
}

}  // namespace
}  // namespace countersign::hsm
