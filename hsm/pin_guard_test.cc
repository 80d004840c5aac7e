// No token is ever locked by us: what costs a PIN try, and what must not.
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/status_macros.h"
#include "base/status_matchers.h"
#include "core/algorithms.h"
#include "core/signer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hsm/await_fixture.h"
#include "hsm/hsm_fixture.h"
#include "hsm/pin_latch.h"
#include "hsm/pkcs11_signer.h"
#include "hsm/return_code.h"

namespace countersign::hsm {
namespace {

using absl::StatusCode;

class PinGuardTest : public HsmFixture {
 protected:
  absl::Status Open() {
    signer_.reset();
    auto signer = Pkcs11Signer::Create(FaultyOptions(), clock_);
    RETURN_IF_ERROR(signer.status());
    signer_ = *std::move(signer);
    return absl::OkStatus();
  }
  int logins() const { return faults_.calls(FaultPoint::kLogin); }

  base::SystemClock clock_;
  std::unique_ptr<Pkcs11Signer> signer_;
};

// --- What the token says of its PIN (PKCS#11 2.40 3.2)

TEST_F(PinGuardTest, LogsInAlthoughAWrongPinWasTried) {
  faults_.SetTokenFlags(CKF_USER_PIN_COUNT_LOW);
  EXPECT_OK(Open());
  EXPECT_EQ(logins(), 1);
}

TEST_F(PinGuardTest, TriesNothingAtTheLastTryNorWhenLocked) {
  for (const CK_FLAGS flag : {CKF_USER_PIN_FINAL_TRY, CKF_USER_PIN_LOCKED}) {
    faults_.SetTokenFlags(flag | CKF_USER_PIN_COUNT_LOW);
    EXPECT_THAT(Open(), base::HasReason("PIN_REFUSED"));
  }
  EXPECT_EQ(logins(), 0);
}

TEST_F(PinGuardTest, LooksAtTheFlagsBeforeEachLogin) {
  ASSERT_OK(Open());
  const core::KeyRef key = MakeKey(*signer_, Key("k", core::KeyType::kEcP256));
  faults_.Reset();
  // Somebody else uses up the tries while the token is away.
  faults_.SetTokenFlags(CKF_USER_PIN_FINAL_TRY);
  faults_.Fail(FaultPoint::kSign, CKR_DEVICE_ERROR);
  SignAndWait(*signer_, Job(key)).IgnoreError();
  faults_.AwaitCalls(FaultPoint::kGetTokenInfo, 1);
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(SignAndWait(*signer_, Job(key)),
                base::HasCode(StatusCode::kUnavailable));
  }
  EXPECT_FALSE(signer_->Health().ready);
  EXPECT_EQ(logins(), 0);
}

TEST_F(PinGuardTest, TriesAgainSoonWhereTheTokenWasAway) {
  ASSERT_OK(Open());
  const core::KeyRef key = MakeKey(*signer_, Key("k", core::KeyType::kEcP256));
  faults_.Reset();
  // Pauses that double would sum up to minutes.
  faults_.Fail(FaultPoint::kLogin, CKR_DEVICE_ERROR, 12);
  faults_.Fail(FaultPoint::kSign, CKR_DEVICE_ERROR);
  EXPECT_TRUE(Await([&] { return SignAndWait(*signer_, Job(key)).ok(); }));
  EXPECT_EQ(logins(), 13);
}

// --- PIN files that cost no try

TEST_F(PinGuardTest, APinFileThatIsNoneCostsNoTry) {
  struct {
    const char* name;
    const char* text;
    int mode;
  } const files[] = {{"empty", "", 0600},
                     {"blank", "\n", 0600},
                     {"open", "1234567890\n", 0644}};
  for (const auto& file : files) {
    Pkcs11SignerOptions options = FaultyOptions();
    options.tokens[0].pin_file =
        softhsm_->WriteFile(file.name, file.text, file.mode);
    EXPECT_FALSE(Pkcs11Signer::Create(options, clock_).ok()) << file.name;
  }
  Pkcs11SignerOptions options = FaultyOptions();
  options.tokens[0].pin_file += ".missing";
  EXPECT_FALSE(Pkcs11Signer::Create(options, clock_).ok());
  EXPECT_EQ(logins(), 0);
}

TEST_F(PinGuardTest, ALatchThatCannotBeWrittenCostsNoTry) {
  Pkcs11SignerOptions options = FaultyOptions();
  options.tokens[0].latch_file = softhsm_->directory() + "/missing/latch";
  EXPECT_THAT(Pkcs11Signer::Create(options, clock_),
              base::HasReason("LATCH_UNUSABLE"));
  EXPECT_EQ(logins(), 0);
}

// --- After one refusal

class RefusedPinTest : public PinGuardTest {
 protected:
  void SetUp() override {
    PinGuardTest::SetUp();
    WritePin("000000");
    EXPECT_THAT(Open(), base::HasReason("PIN_REFUSED"));
    EXPECT_EQ(logins(), 1);
  }
  void WritePin(const char* pin) {
    softhsm_->WriteFile("pin", absl::StrCat(pin, "\n"), 0600);
  }
};

TEST_F(RefusedPinTest, IsNotTriedAgainByANewSigner) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(Open(), base::HasReason("PIN_LATCHED"));
  }
  EXPECT_EQ(logins(), 1);
}

TEST_F(RefusedPinTest, IsNotTriedAgainByANewProcess) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  // The process begins this test from the start, with a token of its own, and
  // then looks at ours.
  const char* const inherited = getenv("REFUSED_PIN_DIRECTORY");
  const std::string ours =
      inherited != nullptr ? inherited : softhsm_->directory();
  setenv("REFUSED_PIN_DIRECTORY", ours.c_str(), 1);
  const auto open_ours = [&] {
    setenv("SOFTHSM2_CONF", absl::StrCat(ours, "/softhsm2.conf").c_str(), 1);
    Pkcs11SignerOptions options = FaultyOptions();
    options.tokens[0].pin_file = absl::StrCat(ours, "/pin");
    options.tokens[0].latch_file = absl::StrCat(ours, "/test.latch");
    faults_.Reset();
    const auto signer = Pkcs11Signer::Create(options, clock_);
    const bool latched = base::GetReason(signer.status()) == "PIN_LATCHED";
    // Not exit: OpenSSL and SoftHSM are in use here, and their ends meet badly.
    _exit(latched && logins() == 0 ? 0 : 3);
  };
  EXPECT_EXIT(open_ours(), testing::ExitedWithCode(0), "");
  unsetenv("REFUSED_PIN_DIRECTORY");
}

TEST_F(RefusedPinTest, AnotherPinIsTried) {
  WritePin("1234567890");
  EXPECT_OK(Open());
  EXPECT_EQ(logins(), 2);
}

TEST_F(RefusedPinTest, ASecondWrongPinIsRememberedInItsTurn) {
  WritePin("111111");
  EXPECT_THAT(Open(), base::HasReason("PIN_REFUSED"));
  EXPECT_THAT(Open(), base::HasReason("PIN_LATCHED"));
  EXPECT_EQ(logins(), 2);
}

TEST_F(RefusedPinTest, APersonClearsTheLatch) {
  // The PIN was right all the time, and the token wrong.
  const PinLatch latch(FaultyToken().latch_file);
  EXPECT_THAT(latch.Clear(), base::IsOkAndHolds(true));
  EXPECT_THAT(Open(), base::HasReason("PIN_REFUSED"));
  EXPECT_EQ(logins(), 2);
}

TEST_F(PinGuardTest, ARefusalAfterALossIsNotRepeated) {
  ASSERT_OK(Open());
  const core::KeyRef key = MakeKey(*signer_, Key("k", core::KeyType::kEcP256));
  faults_.Reset();
  faults_.Fail(FaultPoint::kLogin, CKR_PIN_INCORRECT, FaultControl::kAll);
  faults_.Fail(FaultPoint::kSign, CKR_DEVICE_ERROR);
  SignAndWait(*signer_, Job(key)).IgnoreError();
  faults_.AwaitCalls(FaultPoint::kLogin, 1);
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(SignAndWait(*signer_, Job(key)).ok());
    base::SleepFor(absl::Milliseconds(5));
  }
  EXPECT_EQ(logins(), 1);
  EXPECT_FALSE(signer_->Health().ready);
  // It was the token's mistake; a person clears the latch, once it is written.
  faults_.Fail(FaultPoint::kLogin, CKR_OK, 0);
  const std::string latch = FaultyToken().latch_file;
  EXPECT_TRUE(Await([&] { return std::filesystem::exists(latch); }));
  EXPECT_THAT(PinLatch(latch).Clear(), base::IsOkAndHolds(true));
  EXPECT_TRUE(Await([&] { return signer_->Health().ready; }));
  EXPECT_OK(SignAndWait(*signer_, Job(key)));
}

// --- Every way in which a token says no to a PIN

std::vector<CK_RV> PinCodes() {
  std::vector<CK_RV> codes;
  for (const CK_RV code : ListReturnCodes()) {
    if (FailureOf(code) == Failure::kPin) codes.push_back(code);
  }
  return codes;
}

class PinCodeTest : public PinGuardTest,
                    public testing::WithParamInterface<CK_RV> {};

TEST_P(PinCodeTest, CostsOneTryAtMost) {
  faults_.Fail(FaultPoint::kLogin, GetParam(), FaultControl::kAll);
  EXPECT_THAT(Open(), base::HasCode(StatusCode::kFailedPrecondition));
  EXPECT_THAT(Open(), base::HasCode(StatusCode::kFailedPrecondition));
  EXPECT_EQ(logins(), 1);
}

INSTANTIATE_TEST_SUITE_P(EachRow, PinCodeTest, testing::ValuesIn(PinCodes()),
                         [](const auto& info) {
                           return ReturnCodeName(info.param);
                         });

}  // namespace
}  // namespace countersign::hsm
