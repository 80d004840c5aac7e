#include "hsm/token.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hsm/hsm_fixture.h"
#include "hsm/object_template.h"
#include "hsm/return_code.h"

namespace countersign::hsm {
namespace {

using testing::HasSubstr;

class TokenTest : public HsmFixture {
 protected:
  absl::StatusOr<std::unique_ptr<Token>> Open(const std::string& pin_file) {
    return Token::Open(FaultModulePath(), "test", pin_file);
  }
  absl::StatusOr<std::unique_ptr<Token>> Open() {
    return Open(softhsm_->pin_file());
  }
  absl::Status DeviceError() {
    return ReturnCodeStatus(CKR_DEVICE_ERROR, "C_Sign");
  }
};

TEST_F(TokenTest, LogsInOnceForAllSessions) {
  ASSERT_OK_AND_ASSIGN(const auto token, Open());
  for (int i = 0; i < 5; ++i) {
    ASSERT_OK(token->OpenSession(Session::Mode::kReadOnly));
  }
  EXPECT_EQ(faults_.calls(FaultPoint::kLogin), 1);
  EXPECT_TRUE(token->Health().ready);
}

TEST_F(TokenTest, LoginOutlivesEverySessionButThePinnedOne) {
  ASSERT_OK_AND_ASSIGN(const auto token, Open());
  { ASSERT_OK(token->OpenSession(Session::Mode::kReadOnly)); }
  ASSERT_OK_AND_ASSIGN(Session session,
                       token->OpenSession(Session::Mode::kReadWrite));
  // Only a session that is logged in may make private objects.
  ObjectTemplate public_key;
  public_key.Bool(CKA_TOKEN, false)
      .Octets(
          CKA_EC_PARAMS,
          absl::string_view("\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", 10));
  ObjectTemplate private_key;
  private_key.Bool(CKA_TOKEN, false).Bool(CKA_PRIVATE, true);
  EXPECT_OK(
      session.GenerateKeyPair(CKM_EC_KEY_PAIR_GEN, public_key, private_key));
}

TEST_F(TokenTest, AlreadyLoggedInIsSuccess) {
  ASSERT_OK_AND_ASSIGN(const auto first, Open());
  EXPECT_OK(Open());
}

TEST_F(TokenTest, WrongPinCostsExactlyOneTry) {
  const std::string wrong = softhsm_->WriteFile("wrong", "99999999\n", 0600);
  EXPECT_THAT(Open(wrong), base::StatusIs(absl::StatusCode::kFailedPrecondition,
                                          HasSubstr("no further try")));
  EXPECT_EQ(faults_.calls(FaultPoint::kLogin), 1);
}

TEST_F(TokenTest, AfterAPinErrorNothingIsTriedAgainInTheProcess) {
  ASSERT_OK_AND_ASSIGN(const auto token, Open());
  token->ReportLost(1, DeviceError());
  faults_.Fail(FaultPoint::kLogin, CKR_PIN_INCORRECT);
  EXPECT_THAT(token->EnsureReady(),
              base::HasCode(absl::StatusCode::kUnavailable));
  EXPECT_EQ(faults_.calls(FaultPoint::kLogin), 2);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(token->EnsureReady().ok());
  EXPECT_EQ(faults_.calls(FaultPoint::kLogin), 2);
  EXPECT_EQ(faults_.calls(FaultPoint::kInitialize), 2);
  EXPECT_THAT(token->Health().message, HasSubstr("PIN"));
}

struct FlagCase {
  const char* name;
  CK_FLAGS flag;
  const char* says;
};

class PinFlagTest : public TokenTest,
                    public testing::WithParamInterface<FlagCase> {};

TEST_P(PinFlagTest, IsRefusedBeforeATry) {
  faults_.SetTokenFlags(GetParam().flag);
  EXPECT_THAT(Open(), base::StatusIs(absl::StatusCode::kFailedPrecondition,
                                     HasSubstr(GetParam().says)));
  EXPECT_EQ(faults_.calls(FaultPoint::kLogin), 0);
}

INSTANTIATE_TEST_SUITE_P(
    All, PinFlagTest,
    testing::Values(FlagCase{"FinalTry", CKF_USER_PIN_FINAL_TRY,
                             "one more wrong PIN"},
                    FlagCase{"Locked", CKF_USER_PIN_LOCKED, "is locked"}),
    [](const auto& info) { return info.param.name; });

TEST_F(TokenTest, LowPinCountAloneIsNoReasonToStop) {
  faults_.SetTokenFlags(CKF_USER_PIN_COUNT_LOW);
  EXPECT_OK(Open());
}

struct PinFileCase {
  const char* name;
  const char* text;
  int mode;
};

class PinFileTest : public TokenTest,
                    public testing::WithParamInterface<PinFileCase> {};

TEST_P(PinFileTest, IsRefusedWithoutATry) {
  const std::string path =
      softhsm_->WriteFile("bad", GetParam().text, GetParam().mode);
  const auto token = Open(path);
  ASSERT_FALSE(token.ok());
  EXPECT_THAT(std::string(token.status().message()), HasSubstr(path));
  EXPECT_EQ(faults_.calls(FaultPoint::kLogin), 0);
}

INSTANTIATE_TEST_SUITE_P(
    All, PinFileTest,
    testing::Values(PinFileCase{"Empty", "", 0600},
                    PinFileCase{"EmptyFirstLine", "\n1234567890\n", 0600},
                    PinFileCase{"ReadableByOthers", "1234567890\n", 0644},
                    PinFileCase{"ReadableByTheGroup", "1234567890\n", 0640}),
    [](const auto& info) { return info.param.name; });

TEST_F(TokenTest, MissingPinFileCostsNoTry) {
  EXPECT_THAT(Open("/nowhere/pin"), base::HasCode(absl::StatusCode::kNotFound));
  EXPECT_EQ(faults_.calls(FaultPoint::kLogin), 0);
}

TEST_F(TokenTest, TakesTheTokenUpAgainAfterItWasLost) {
  ASSERT_OK_AND_ASSIGN(const auto token, Open());
  {
    ASSERT_OK_AND_ASSIGN(Session old,
                         token->OpenSession(Session::Mode::kReadOnly));
    token->ReportLost(old.epoch(), DeviceError());
    EXPECT_FALSE(token->Health().ready);
    EXPECT_THAT(token->Health().message, HasSubstr("CKR_DEVICE_ERROR"));
    EXPECT_THAT(token->OpenSession(Session::Mode::kReadOnly),
                base::HasReason("TOKEN_UNAVAILABLE"));
    EXPECT_OK(token->EnsureReady());
    EXPECT_TRUE(token->Health().ready);
    EXPECT_OK(token->OpenSession(Session::Mode::kReadOnly));
    // What was before is void, and says so without asking the module.
    const int finds = faults_.calls(FaultPoint::kFindObjects);
    ObjectTemplate all;
    EXPECT_EQ(FailureOf(old.FindObjects(all, 1).status()), Failure::kSession);
    EXPECT_EQ(faults_.calls(FaultPoint::kFindObjects), finds);
    // A late complaint about the former start is not one about this.
    token->ReportLost(old.epoch(), DeviceError());
    EXPECT_TRUE(token->Health().ready);
  }
  EXPECT_EQ(faults_.calls(FaultPoint::kInitialize), 2);
  EXPECT_EQ(faults_.calls(FaultPoint::kLogin), 2);
}

TEST_F(TokenTest, TriesToComeBackAtMostOnceInASecond) {
  ASSERT_OK_AND_ASSIGN(const auto token, Open());
  token->ReportLost(1, DeviceError());
  faults_.Fail(FaultPoint::kInitialize, CKR_DEVICE_ERROR, 1000);
  for (int i = 0; i < 100; ++i) {
    const absl::Status status = token->EnsureReady();
    EXPECT_THAT(status, base::HasReason("TOKEN_UNAVAILABLE"));
    EXPECT_TRUE(base::GetErrorDetails(status)->retry_delay.has_value());
  }
  // The hundred took far less than a second; two leave room for a slow one.
  EXPECT_LE(faults_.calls(FaultPoint::kInitialize), 1 + 2);
  EXPECT_FALSE(token->Health().ready);
}

TEST_F(TokenTest, SessionErrorsOfTheDeviceAreReported) {
  ASSERT_OK_AND_ASSIGN(const auto token, Open());
  faults_.Fail(FaultPoint::kOpenSession, CKR_SESSION_COUNT);
  EXPECT_FALSE(token->OpenSession(Session::Mode::kReadOnly).ok());
  EXPECT_TRUE(token->Health().ready);
  faults_.Fail(FaultPoint::kOpenSession, CKR_DEVICE_REMOVED);
  EXPECT_FALSE(token->OpenSession(Session::Mode::kReadOnly).ok());
  EXPECT_FALSE(token->Health().ready);
}

}  // namespace
}  // namespace countersign::hsm
