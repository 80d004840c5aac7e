#include "hsm/token.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hsm/await_fixture.h"
#include "hsm/connection.h"
#include "hsm/hsm_fixture.h"
#include "hsm/module.h"
#include "hsm/object_template.h"
#include "hsm/return_code.h"

namespace countersign::hsm {
namespace {

using testing::HasSubstr;

class TokenTest : public HsmFixture {
 protected:
  void TearDown() override {
    faults_.Release();
    if (token_ != nullptr) {
      EXPECT_TRUE(token_->Stop(kPatience));
    }
    token_.reset();
    module_.reset();
  }

  // What Create of a signer would say.
  absl::Status Start(TokenOptions options,
                     absl::Duration patience = kPatience) {
    module_ = std::make_shared<Module>(options.module_path, options.init_args);
    auto token = Token::Create(std::move(options), module_);
    EXPECT_OK(token);
    token_ = *std::move(token);
    return token_->AwaitFirstTry(patience);
  }
  absl::Status Start() { return Start(FaultyToken()); }

  bool AwaitReady() {
    token_->AwaitReady(kPatience);
    return token_->ready();
  }
  static absl::Status Failing(CK_RV code) {
    return ReturnCodeStatus(code, "C_Sign");
  }

  std::shared_ptr<Module> module_;
  std::shared_ptr<Token> token_;
};

TEST_F(TokenTest, LogsInOnceForAllSessions) {
  ASSERT_OK(Start());
  for (int i = 0; i < 5; ++i) {
    EXPECT_OK(token_->OpenSession(Session::Mode::kReadOnly));
  }
  EXPECT_EQ(faults_.calls(FaultPoint::kLogin), 1);
  EXPECT_TRUE(token_->ready());
  EXPECT_OK(token_->CheckUsable());
}

TEST_F(TokenTest, LoginOutlivesEverySessionButThePinnedOne) {
  ASSERT_OK(Start());
  { EXPECT_OK(token_->OpenSession(Session::Mode::kReadOnly)); }
  ASSERT_OK_AND_ASSIGN(TokenSession opened,
                       token_->OpenSession(Session::Mode::kReadWrite));
  // Only a session that is logged in may make private objects.
  ObjectTemplate public_key;
  public_key.Bool(CKA_TOKEN, false)
      .Octets(
          CKA_EC_PARAMS,
          absl::string_view("\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", 10));
  ObjectTemplate private_key;
  private_key.Bool(CKA_TOKEN, false).Bool(CKA_PRIVATE, true);
  EXPECT_OK(opened.session.GenerateKeyPair(CKM_EC_KEY_PAIR_GEN, public_key,
                                           private_key));
}

TEST_F(TokenTest, AlreadyLoggedInIsSuccess) {
  ASSERT_OK(Start());
  EXPECT_OK(Connection::Open(FaultyToken()));
}

TEST_F(TokenTest, ComesBackWithoutAnybodyAsking) {
  ASSERT_OK(Start());
  ASSERT_OK_AND_ASSIGN(TokenSession old,
                       token_->OpenSession(Session::Mode::kReadOnly));
  token_->ReportLost(old.generation, Failing(CKR_DEVICE_ERROR),
                     Token::Cure::kRestart);
  EXPECT_TRUE(AwaitReady());
  EXPECT_EQ(token_->generation(), old.generation + 1);
  // What was before is void, and says so without asking the module.
  const int finds = faults_.calls(FaultPoint::kFindObjects);
  ObjectTemplate all;
  EXPECT_EQ(FailureOf(old.session.FindObjects(all, 1).status()),
            Failure::kSession);
  EXPECT_EQ(faults_.calls(FaultPoint::kFindObjects), finds);
  // A late complaint about the former start is not one about this.
  token_->ReportLost(old.generation, Failing(CKR_DEVICE_ERROR),
                     Token::Cure::kRestart);
  EXPECT_TRUE(token_->ready());
  EXPECT_EQ(faults_.calls(FaultPoint::kInitialize), 2);
  EXPECT_EQ(faults_.calls(FaultPoint::kLogin), 2);
}

TEST_F(TokenTest, ALostLoginIsTakenUpWithoutANewStart) {
  ASSERT_OK(Start());
  token_->ReportLost(1, Failing(CKR_USER_NOT_LOGGED_IN), Token::Cure::kConnect);
  EXPECT_TRUE(AwaitReady());
  EXPECT_EQ(faults_.calls(FaultPoint::kLogin), 2);
  EXPECT_EQ(faults_.calls(FaultPoint::kInitialize), 1);
  // Another login that does not last is no cure: then it is a new start.
  token_->ReportLost(2, Failing(CKR_USER_NOT_LOGGED_IN), Token::Cure::kConnect);
  EXPECT_TRUE(AwaitReady());
  EXPECT_EQ(faults_.calls(FaultPoint::kInitialize), 2);
  // But one, not one for each complaint.
  token_->ReportLost(3, Failing(CKR_USER_NOT_LOGGED_IN), Token::Cure::kConnect);
  EXPECT_TRUE(AwaitReady());
  EXPECT_EQ(faults_.calls(FaultPoint::kInitialize), 2);
}

TEST_F(TokenTest, SessionErrorsOfTheDeviceTakeItDownOthersDoNot) {
  ASSERT_OK(Start());
  faults_.Fail(FaultPoint::kOpenSession, CKR_SESSION_COUNT);
  EXPECT_FALSE(token_->OpenSession(Session::Mode::kReadOnly).ok());
  EXPECT_EQ(token_->generation(), 1u);
  EXPECT_TRUE(token_->ready());
  faults_.Fail(FaultPoint::kOpenSession, CKR_DEVICE_REMOVED);
  EXPECT_FALSE(token_->OpenSession(Session::Mode::kReadOnly).ok());
  EXPECT_TRUE(AwaitReady());
  EXPECT_EQ(faults_.calls(FaultPoint::kInitialize), 2);
}

TEST_F(TokenTest, KeepsThePinnedSessionAlive) {
  TokenOptions options = FaultyToken();
  options.keep_alive_interval = absl::Milliseconds(1);
  ASSERT_OK(Start(options));
  faults_.AwaitCalls(FaultPoint::kGetSessionInfo, 3);
  EXPECT_EQ(faults_.calls(FaultPoint::kInitialize), 1);
  // And notices without any traffic that the token is gone.
  faults_.Fail(FaultPoint::kGetSessionInfo, CKR_DEVICE_ERROR);
  faults_.AwaitCalls(FaultPoint::kInitialize, 2);
  EXPECT_TRUE(AwaitReady());
}

TEST_F(TokenTest, AKeepAliveThatHangsMakesItUnusable) {
  TokenOptions options = FaultyToken();
  options.keep_alive_interval = absl::Milliseconds(1);
  options.call_timeout = absl::Milliseconds(20);
  ASSERT_OK(Start(options));
  faults_.Hold(FaultPoint::kGetSessionInfo, 1);
  faults_.AwaitHeld(1);
  while (token_->CheckUsable().ok()) base::SleepFor(absl::Milliseconds(1));
  EXPECT_THAT(std::string(token_->CheckUsable().message()),
              HasSubstr("has not answered"));
  EXPECT_FALSE(token_->Stop(absl::Milliseconds(1)));
  faults_.Release();
}

TEST_F(TokenTest, AStartThatHangsHoldsNobodyUp) {
  faults_.Hold(FaultPoint::kInitialize, 1);
  EXPECT_OK(Start(FaultyToken(), absl::Milliseconds(10)));
  EXPECT_THAT(token_->CheckUsable(), base::HasReason("TOKEN_UNAVAILABLE"));
  EXPECT_THAT(token_->OpenSession(Session::Mode::kReadOnly),
              base::HasReason("TOKEN_UNAVAILABLE"));
  faults_.Release();
  EXPECT_TRUE(AwaitReady());
}

struct AwayCase {
  const char* name;
  FaultPoint at;
  CK_RV code;
};

class AwayAtStartTest : public TokenTest,
                        public testing::WithParamInterface<AwayCase> {};

TEST_P(AwayAtStartTest, IsNoMistakeAndComesBack) {
  faults_.Fail(GetParam().at, GetParam().code, 3);
  ASSERT_OK(Start());
  EXPECT_TRUE(AwaitReady());
  EXPECT_EQ(token_->generation(), 1u);
}

INSTANTIATE_TEST_SUITE_P(
    All, AwayAtStartTest,
    testing::Values(
        AwayCase{"InitializeFailed", FaultPoint::kInitialize,
                 CKR_FUNCTION_FAILED},
        AwayCase{"NoHostMemory", FaultPoint::kInitialize, CKR_HOST_MEMORY},
        AwayCase{"NoSlots", FaultPoint::kGetSlotList, CKR_DEVICE_ERROR},
        AwayCase{"NoSession", FaultPoint::kOpenSession, CKR_DEVICE_REMOVED},
        AwayCase{"LoginFailed", FaultPoint::kLogin, CKR_FUNCTION_FAILED}),
    [](const auto& info) { return info.param.name; });

TEST_F(TokenTest, NoTokenAtAllIsATokenThatIsAway) {
  Pretence pretence;
  pretence.no_token = true;
  faults_.Pretend(pretence);
  ASSERT_OK(Start());
  EXPECT_THAT(std::string(token_->CheckUsable().message()),
              HasSubstr("no token at all"));
  // Some modules say so for ever: only a new start asks again.
  faults_.AwaitCalls(FaultPoint::kInitialize, 3);
  faults_.Pretend(Pretence());
  EXPECT_TRUE(AwaitReady());
}

TEST_F(TokenTest, ModulesThatCannotLockAreAMistake) {
  faults_.Fail(FaultPoint::kInitialize, CKR_CANT_LOCK, FaultControl::kAll);
  EXPECT_EQ(ReturnCodeNameOf(Start()), "CKR_CANT_LOCK");
}

TEST_F(TokenTest, AnotherLabelIsAMistake) {
  EXPECT_THAT(Start(softhsm_->Token("other")),
              base::HasReason("TOKEN_NOT_FOUND"));
}

struct PinCase {
  const char* name;
  CK_FLAGS flags;
  const char* pin;
  int mode;
  const char* says;
  int logins;
};

class PinTest : public TokenTest,
                public testing::WithParamInterface<PinCase> {};

TEST_P(PinTest, IsRefusedAtStart) {
  const PinCase& c = GetParam();
  faults_.SetTokenFlags(c.flags);
  TokenOptions options = FaultyToken();
  options.pin_file = softhsm_->WriteFile("other-pin", c.pin, c.mode);
  options.latch_file = "";
  const absl::Status status = Start(options);
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(std::string(status.message()), HasSubstr(c.says));
  EXPECT_EQ(faults_.calls(FaultPoint::kLogin), c.logins);
}

INSTANTIATE_TEST_SUITE_P(
    All, PinTest,
    testing::Values(
        PinCase{"FinalTry", CKF_USER_PIN_FINAL_TRY, "1234567890\n", 0600,
                "one more wrong PIN", 0},
        PinCase{"Locked", CKF_USER_PIN_LOCKED, "1234567890\n", 0600,
                "is locked", 0},
        PinCase{"Wrong", 0, "99999999\n", 0600, "no further try", 1},
        PinCase{"Empty", 0, "", 0600, "other-pin", 0},
        PinCase{"EmptyFirstLine", 0, "\n1234567890\n", 0600, "other-pin", 0},
        PinCase{"ReadableByTheGroup", 0, "1234567890\n", 0640, "other-pin", 0}),
    [](const auto& info) { return info.param.name; });

TEST_F(TokenTest, PausesAreHalfToOneAndAHalf) {
  base::FakeRandom random;
  absl::Duration least = absl::InfiniteDuration();
  absl::Duration most;
  for (int i = 0; i < 1000; ++i) {
    const absl::Duration pause = Jittered(absl::Seconds(1), random);
    least = std::min(least, pause);
    most = std::max(most, pause);
  }
  EXPECT_GE(least, absl::Milliseconds(500));
  EXPECT_LE(least, absl::Milliseconds(520));
  EXPECT_LE(most, absl::Milliseconds(1500));
  EXPECT_GE(most, absl::Milliseconds(1480));
}

}  // namespace
}  // namespace countersign::hsm
