// What Pkcs11Signer does when the module fails: each class of return codes, a
// wrong signature, a lost and a changed key.
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/status_matchers.h"
#include "core/algorithms.h"
#include "core/signer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hsm/hsm_fixture.h"
#include "hsm/key_pair.h"
#include "hsm/pkcs11_signer.h"
#include "hsm/token.h"

namespace countersign::hsm {
namespace {

using absl::StatusCode;
using core::KeyType;
using testing::HasSubstr;

class FaultTest : public HsmFixture {
 protected:
  void SetUp() override {
    HsmFixture::SetUp();
    Pkcs11SignerOptions options = FaultyOptions();
    options.sessions = 1;
    auto signer = Pkcs11Signer::Create(options, clock_);
    ASSERT_OK(signer);
    signer_ = *std::move(signer);
    key_ = Key("k", KeyType::kEcP256);
    ASSERT_OK_AND_ASSIGN(key_.spki, signer_->MakeKey(key_));
    ASSERT_OK(Sign());
  }

  core::SignResult Sign() { return SignAndWait(*signer_, Job(key_)); }

  // Another session on the same token, as an operator's tool would have.
  std::pair<std::unique_ptr<Token>, std::unique_ptr<Session>> Aside() {
    auto token = Token::Open(FaultModulePath(), "test", softhsm_->pin_file());
    EXPECT_OK(token);
    auto session = (*token)->OpenSession(Session::Mode::kReadWrite);
    EXPECT_OK(session);
    return {*std::move(token), std::make_unique<Session>(*std::move(session))};
  }

  base::SystemClock clock_;
  std::unique_ptr<Pkcs11Signer> signer_;
  core::KeyRef key_;
};

struct CodeCase {
  const char* name;
  FaultPoint at;
  CK_RV code;
};

// One such error is cured within the call: nobody notices.
class CuredAtOnceTest : public FaultTest,
                        public testing::WithParamInterface<CodeCase> {};

TEST_P(CuredAtOnceTest, SignsOnANewSession) {
  const int opens = faults_.calls(FaultPoint::kOpenSession);
  faults_.Fail(GetParam().at, GetParam().code);
  EXPECT_OK(Sign());
  EXPECT_EQ(faults_.calls(FaultPoint::kOpenSession), opens + 1);
  EXPECT_EQ(faults_.calls(FaultPoint::kInitialize), 1);
  EXPECT_TRUE(signer_->Health().ready);
}

INSTANTIATE_TEST_SUITE_P(
    All, CuredAtOnceTest,
    testing::Values(
        CodeCase{"SessionHandle", FaultPoint::kSignInit,
                 CKR_SESSION_HANDLE_INVALID},
        CodeCase{"SessionClosed", FaultPoint::kSignInit, CKR_SESSION_CLOSED},
        CodeCase{"OperationActive", FaultPoint::kSignInit,
                 CKR_OPERATION_ACTIVE},
        CodeCase{"OperationNotInitialized", FaultPoint::kSign,
                 CKR_OPERATION_NOT_INITIALIZED},
        CodeCase{"KeyHandle", FaultPoint::kSignInit, CKR_KEY_HANDLE_INVALID},
        CodeCase{"ObjectHandle", FaultPoint::kSign, CKR_OBJECT_HANDLE_INVALID}),
    [](const auto& info) { return info.param.name; });

TEST_F(FaultTest, AStaleHandleIsFoundAndComparedAnew) {
  const int finds = faults_.calls(FaultPoint::kFindObjects);
  faults_.Fail(FaultPoint::kSignInit, CKR_KEY_HANDLE_INVALID);
  EXPECT_OK(Sign());
  EXPECT_EQ(faults_.calls(FaultPoint::kFindObjects), finds + 2);
}

// These take the whole module down; the next call brings it back.
class TokenLostTest : public FaultTest,
                      public testing::WithParamInterface<CodeCase> {};

TEST_P(TokenLostTest, AnswersUnavailableAndComesBack) {
  faults_.Fail(GetParam().at, GetParam().code);
  const core::SignResult lost = Sign();
  EXPECT_THAT(lost, base::HasReason("TOKEN_UNAVAILABLE"));
  EXPECT_THAT(lost, base::HasCode(StatusCode::kUnavailable));
  EXPECT_TRUE(base::GetErrorDetails(lost.status())->retry_delay.has_value());
  EXPECT_OK(Sign());
  EXPECT_TRUE(signer_->Health().ready);
  EXPECT_EQ(faults_.calls(FaultPoint::kInitialize), 2);
  EXPECT_EQ(faults_.calls(FaultPoint::kLogin), 2);
}

INSTANTIATE_TEST_SUITE_P(
    All, TokenLostTest,
    testing::Values(
        CodeCase{"DeviceErrorInInit", FaultPoint::kSignInit, CKR_DEVICE_ERROR},
        CodeCase{"DeviceErrorInSign", FaultPoint::kSign, CKR_DEVICE_ERROR},
        CodeCase{"DeviceRemoved", FaultPoint::kSign, CKR_DEVICE_REMOVED},
        CodeCase{"DeviceMemory", FaultPoint::kSign, CKR_DEVICE_MEMORY},
        CodeCase{"TokenNotPresent", FaultPoint::kSign, CKR_TOKEN_NOT_PRESENT},
        CodeCase{"TokenNotRecognized", FaultPoint::kSign,
                 CKR_TOKEN_NOT_RECOGNIZED},
        CodeCase{"GeneralError", FaultPoint::kSign, CKR_GENERAL_ERROR},
        CodeCase{"FunctionFailed", FaultPoint::kSign, CKR_FUNCTION_FAILED},
        CodeCase{"NotInitialized", FaultPoint::kSign,
                 CKR_CRYPTOKI_NOT_INITIALIZED},
        CodeCase{"NotLoggedIn", FaultPoint::kSign, CKR_USER_NOT_LOGGED_IN},
        CodeCase{"VendorCode", FaultPoint::kSign, CKR_VENDOR_DEFINED + 7}),
    [](const auto& info) { return info.param.name; });

TEST_F(FaultTest, WhatASecondTryDoesNotCureTakesTheTokenDown) {
  faults_.Fail(FaultPoint::kSignInit, CKR_SESSION_HANDLE_INVALID, 2);
  EXPECT_THAT(Sign(), base::HasReason("TOKEN_UNAVAILABLE"));
  EXPECT_OK(Sign());
  EXPECT_EQ(faults_.calls(FaultPoint::kInitialize), 2);
}

TEST_F(FaultTest, HealthTellsWhileTheTokenIsAway) {
  faults_.Fail(FaultPoint::kSign, CKR_DEVICE_ERROR);
  faults_.Fail(FaultPoint::kInitialize, CKR_DEVICE_ERROR, 1000);
  EXPECT_FALSE(Sign().ok());
  EXPECT_FALSE(Sign().ok());
  const core::SignerHealth health = signer_->Health();
  EXPECT_FALSE(health.ready);
  EXPECT_THAT(health.message, HasSubstr("CKR_DEVICE_ERROR"));
  EXPECT_THAT(signer_->MakeKey(Key("other", KeyType::kEcP256)),
              base::HasReason("TOKEN_UNAVAILABLE"));
}

TEST_F(FaultTest, ComesBackByItselfWithoutTraffic) {
  faults_.Fail(FaultPoint::kSign, CKR_DEVICE_ERROR);
  EXPECT_FALSE(Sign().ok());
  while (!signer_->Health().ready) base::SleepFor(absl::Milliseconds(5));
  EXPECT_OK(Sign());
}

TEST_F(FaultTest, RefusalsAreNotRepeatedAndBreakNothing) {
  for (const CK_RV code :
       {CKR_MECHANISM_INVALID, CKR_KEY_FUNCTION_NOT_PERMITTED,
        CKR_KEY_SIZE_RANGE, CKR_DATA_LEN_RANGE}) {
    const int inits = faults_.calls(FaultPoint::kSignInit);
    faults_.Fail(FaultPoint::kSignInit, code);
    const core::SignResult refused = Sign();
    EXPECT_TRUE(refused.status().code() == StatusCode::kFailedPrecondition ||
                refused.status().code() == StatusCode::kInternal)
        << refused.status();
    EXPECT_EQ(faults_.calls(FaultPoint::kSignInit), inits + 1);
    EXPECT_TRUE(signer_->Health().ready);
  }
  EXPECT_EQ(faults_.calls(FaultPoint::kInitialize), 1);
}

TEST_F(FaultTest, NoRoomForASessionIsNoReasonToStartAnew) {
  faults_.Fail(FaultPoint::kSign, CKR_SESSION_CLOSED);
  faults_.Fail(FaultPoint::kOpenSession, CKR_SESSION_COUNT);
  EXPECT_THAT(Sign(), base::HasCode(StatusCode::kUnavailable));
  EXPECT_TRUE(signer_->Health().ready);
  EXPECT_EQ(faults_.calls(FaultPoint::kInitialize), 1);
  EXPECT_OK(Sign());
}

TEST_F(FaultTest, AWrongSignatureIsNeverReleased) {
  faults_.CorruptSignatures(1);
  const core::SignResult result = Sign();
  EXPECT_THAT(result, base::HasReason("WRONG_SIGNATURE"));
  EXPECT_THAT(result, base::HasCode(StatusCode::kInternal));
  EXPECT_OK(Sign());
}

TEST_F(FaultTest, OneWrongSignatureAmongManyWithholdsAll) {
  faults_.CorruptSignatures(1);
  EXPECT_THAT(SignAndWait(*signer_, Job(key_, 20)),
              base::HasReason("WRONG_SIGNATURE"));
}

TEST_F(FaultTest, AKeyThatWasDeletedIsNamed) {
  {
    auto [token, session] = Aside();
    ASSERT_OK_AND_ASSIGN(const auto pair, FindKeyPair(*session, key_));
    ASSERT_OK(session->DestroyObject(pair->private_key));
    ASSERT_OK(session->DestroyObject(pair->public_key));
  }
  const int starts = faults_.calls(FaultPoint::kInitialize);
  // First it may as well be the token that is gone; a new start tells.
  EXPECT_THAT(Sign(), base::HasReason("TOKEN_UNAVAILABLE"));
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(Sign(), base::HasReason("KEY_MISSING"));
  }
  EXPECT_TRUE(signer_->Health().ready);
  EXPECT_EQ(faults_.calls(FaultPoint::kInitialize), starts + 1);
}

TEST_F(FaultTest, AKeyThatWasReplacedIsRefused) {
  {
    auto [token, session] = Aside();
    ASSERT_OK_AND_ASSIGN(const auto pair, FindKeyPair(*session, key_));
    ASSERT_OK(session->DestroyObject(pair->private_key));
    ASSERT_OK(session->DestroyObject(pair->public_key));
    ASSERT_OK(GenerateKeyPair(*session, key_));
  }
  EXPECT_THAT(Sign(), base::HasReason("KEY_NOT_PINNED"));
}

TEST_F(FaultTest, ADoubledKeyIsRefusedWhenItIsLookedFor) {
  {
    auto [token, session] = Aside();
    ASSERT_OK(GenerateKeyPair(*session, key_));
  }
  core::KeyRef unpinned = key_;
  unpinned.spki.clear();
  EXPECT_THAT(signer_->MakeKey(unpinned), base::HasReason("KEY_DOUBLED"));
  faults_.Fail(FaultPoint::kSignInit, CKR_KEY_HANDLE_INVALID);
  EXPECT_THAT(Sign(), base::HasReason("KEY_DOUBLED"));
}

TEST_F(FaultTest, TokenFilesThatWentAwayAndCameBack) {
  ASSERT_OK(softhsm_->HideFiles());
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(Sign(), base::HasReason("TOKEN_UNAVAILABLE"));
  }
  EXPECT_FALSE(signer_->Health().ready);
  ASSERT_OK(softhsm_->RestoreFiles());
  while (!signer_->Health().ready) base::SleepFor(absl::Milliseconds(5));
  EXPECT_OK(Sign());
}

}  // namespace
}  // namespace countersign::hsm
