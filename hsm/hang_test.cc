// A module that does not come back: nobody waits for it for ever, the thread is
// left behind, others go on, and the number of such threads is bounded.
#include <stdlib.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/status_matchers.h"
#include "core/algorithms.h"
#include "core/signer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hsm/await_fixture.h"
#include "hsm/hsm_fixture.h"
#include "hsm/pkcs11_signer.h"

namespace countersign::hsm {
namespace {

using absl::StatusCode;
using core::KeyType;

// As short as can be configured.
constexpr absl::Duration kCallTimeout = absl::Milliseconds(100);

class HangTest : public HsmFixture {
 protected:
  Pkcs11SignerOptions Options() const {
    Pkcs11SignerOptions options = FaultyOptions();
    options.tokens[0].sessions = 1;
    options.tokens[0].call_timeout = kCallTimeout;
    options.tokens[0].max_stuck_calls = 2;
    return options;
  }
  void Open(const Pkcs11SignerOptions& options) {
    ASSERT_OK_AND_ASSIGN(signer_, Pkcs11Signer::Create(options, clock_));
  }
  void OpenWithKey(const Pkcs11SignerOptions& options) {
    Open(options);
    key_ = MakeKey(*signer_, Key("k", KeyType::kEcP256));
    ASSERT_OK(Sign());
  }
  void TearDown() override {
    // Nothing may be left inside when the next test begins.
    faults_.Release();
    if (signer_ != nullptr) {
      EXPECT_TRUE(AwaitStuck(0));
    }
  }

  core::SignResult Sign() { return SignAndWait(*signer_, Job(key_)); }
  int Stuck() const { return signer_->Health().tokens.at(0).stuck_calls; }

  bool AwaitStuck(int calls) {
    return Await([&] { return Stuck() == calls; });
  }
  bool SignsAgain() {
    return Await([&] { return signer_->Health().ready && Sign().ok(); });
  }

  base::SystemClock clock_;
  std::unique_ptr<Pkcs11Signer> signer_;
  core::KeyRef key_;
};

struct HangCase {
  const char* name;
  FaultPoint at;
  CK_RV before;  // of C_SignInit, so that the way leads there
};

std::string HangName(const testing::TestParamInfo<HangCase>& info) {
  return info.param.name;
}

class HangWhileSigningTest : public HangTest,
                             public testing::WithParamInterface<HangCase> {};

TEST_P(HangWhileSigningTest, IsAnsweredAndLeftBehindAndOthersGoOn) {
  OpenWithKey(Options());
  if (GetParam().before != CKR_OK) {
    faults_.Fail(FaultPoint::kSignInit, GetParam().before);
  }
  faults_.Hold(GetParam().at, 1);
  const core::SignResult result = Sign();
  faults_.AwaitHeld(1);
  if (result.ok()) {
    // It hung in what the signature did not depend on, or another thread did it
    // again.
    EXPECT_GE(result->at(0).key_uses, 1);
  } else {
    EXPECT_THAT(result, base::HasCode(StatusCode::kUnavailable));
    EXPECT_EQ(core::KeyMayHaveBeenUsed(result.status()),
              GetParam().at == FaultPoint::kSign);
  }
  EXPECT_TRUE(SignsAgain());
  EXPECT_EQ(faults_.calls(FaultPoint::kFinalize), 0);
}

INSTANTIATE_TEST_SUITE_P(
    All, HangWhileSigningTest,
    testing::Values(HangCase{"SignInit", FaultPoint::kSignInit, CKR_OK},
                    HangCase{"Sign", FaultPoint::kSign, CKR_OK},
                    HangCase{"FindObjects", FaultPoint::kFindObjects,
                             CKR_KEY_HANDLE_INVALID},
                    HangCase{"GetAttribute", FaultPoint::kGetAttribute,
                             CKR_KEY_HANDLE_INVALID},
                    HangCase{"OpenSession", FaultPoint::kOpenSession,
                             CKR_SESSION_CLOSED},
                    HangCase{"CloseSession", FaultPoint::kCloseSession,
                             CKR_SESSION_CLOSED}),
    HangName);

class HangAtStartTest : public HangTest,
                        public testing::WithParamInterface<HangCase> {};

TEST_P(HangAtStartTest, StartsAllTheSameAndSignsWhenItComesBack) {
  faults_.Hold(GetParam().at, 1);
  Open(Options());
  EXPECT_FALSE(signer_->Health().ready);
  EXPECT_THAT(signer_->MakeKey(Key("k", KeyType::kEcP256)),
              base::HasCode(StatusCode::kUnavailable));
  faults_.Release();
  ASSERT_TRUE(Await([&] { return signer_->Health().ready; }));
  key_ = MakeKey(*signer_, Key("k", KeyType::kEcP256));
  EXPECT_OK(Sign());
}

INSTANTIATE_TEST_SUITE_P(
    All, HangAtStartTest,
    testing::Values(HangCase{"Initialize", FaultPoint::kInitialize, CKR_OK},
                    HangCase{"GetSlotList", FaultPoint::kGetSlotList, CKR_OK},
                    HangCase{"GetTokenInfo", FaultPoint::kGetTokenInfo, CKR_OK},
                    HangCase{"OpenSession", FaultPoint::kOpenSession, CKR_OK},
                    HangCase{"Login", FaultPoint::kLogin, CKR_OK}),
    HangName);

TEST_F(HangTest, TheNumberOfStuckThreadsIsBounded) {
  OpenWithKey(Options());
  const int before = faults_.calls(FaultPoint::kSign);
  faults_.Hold(FaultPoint::kSign);
  ASSERT_TRUE(Await([&] {
    EXPECT_THAT(Sign(), base::HasCode(StatusCode::kUnavailable));
    return !signer_->Health().ready;
  }));
  EXPECT_EQ(Stuck(), 2);
  for (int i = 0; i < 10; ++i) {
    EXPECT_THAT(Sign(), base::HasCode(StatusCode::kUnavailable));
  }
  EXPECT_EQ(faults_.calls(FaultPoint::kSign), before + 2);
  faults_.Release();
  EXPECT_TRUE(SignsAgain());
  EXPECT_EQ(Stuck(), 0);
}

TEST_F(HangTest, TheDeadlineOfTheJobHoldsBeforeThatOfTheCall) {
  Pkcs11SignerOptions options = Options();
  options.tokens[0].call_timeout = absl::Minutes(10);
  OpenWithKey(options);
  faults_.Hold(FaultPoint::kSign, 1);
  core::SignJob job = Job(key_);
  job.deadline = clock_.Now() + absl::Milliseconds(200);
  const core::SignResult result = SignAndWait(*signer_, job);
  EXPECT_THAT(result, base::HasCode(StatusCode::kDeadlineExceeded));
  EXPECT_TRUE(core::KeyMayHaveBeenUsed(result.status()));
  faults_.Release();
  EXPECT_TRUE(SignsAgain());
}

TEST_F(HangTest, AnotherTokenGoesOn) {
  ASSERT_OK(softhsm_->AddToken("second"));
  Pkcs11SignerOptions options = Options();
  options.tokens.push_back(FaultyToken("second"));
  OpenWithKey(options);
  core::KeyRef other = Key("o", KeyType::kEcP256);
  other.tokens = {"second"};
  other = MakeKey(*signer_, other);
  faults_.Hold(FaultPoint::kSign, 1);
  Answer held;
  signer_->Sign(Job(key_), held.Done());
  faults_.AwaitHeld(1);
  for (int i = 0; i < 20; ++i) {
    EXPECT_OK(SignAndWait(*signer_, Job(other)));
  }
  held.Wait().IgnoreError();
  EXPECT_OK(SignAndWait(*signer_, Job(other)));
}

// In a process of its own, which ends with a thread inside the module.
TEST_F(HangTest, AProcessEndsAlthoughACallDoesNot) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  const auto end_with_a_stuck_call = [this] {
    OpenWithKey(Options());
    faults_.Hold(FaultPoint::kSign);
    Answer held;
    signer_->Sign(Job(key_), held.Done());
    faults_.AwaitHeld(1);
    signer_.reset();
    held.Wait().IgnoreError();
    // Whatever was inside must not see a finalised module.
    exit(faults_.calls(FaultPoint::kFinalize) == 0 ? 0 : 3);
  };
  EXPECT_EXIT(end_with_a_stuck_call(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace countersign::hsm
