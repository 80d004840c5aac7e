// The table of return codes, row by row: what the engine does when a code comes
// from C_OpenSession, C_FindObjectsInit, C_SignInit or C_Sign. The rows are
// those of return_code.cc, so none is left out.
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/status_matchers.h"
#include "core/algorithms.h"
#include "core/signer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hsm/await_fixture.h"
#include "hsm/hsm_fixture.h"
#include "hsm/pkcs11_signer.h"
#include "hsm/return_code.h"
#include "hsm/softhsm_token.h"

namespace countersign::hsm {
namespace {

// One signer for all rows: each leaves it as it found it, or fails.
struct World {
  base::SystemClock clock;
  std::unique_ptr<SoftHsmToken> softhsm;
  std::unique_ptr<Pkcs11Signer> signer;
  core::KeyRef key;
};

class ClassTableTest
    : public testing::TestWithParam<std::tuple<CK_RV, FaultPoint>> {
 protected:
  static void SetUpTestSuite() {
    world_ = new World;
    Faults().Reset();
    ASSERT_OK_AND_ASSIGN(world_->softhsm, SoftHsmToken::Create());
    Pkcs11SignerOptions options = world_->softhsm->Options();
    options.tokens[0].module_path = FaultModulePath();
    options.tokens[0].sessions = 1;
    options.tokens[0].reconnect_interval = absl::Milliseconds(10);
    ASSERT_OK_AND_ASSIGN(world_->signer,
                         Pkcs11Signer::Create(options, world_->clock));
    world_->key = MakeKey(*world_->signer, Key("k", core::KeyType::kEcP256));
  }
  static void TearDownTestSuite() {
    delete world_;
    world_ = nullptr;
  }

  void SetUp() override {
    Faults().Reset();
    ASSERT_TRUE(SignsAgain());
    Faults().Reset();
  }

  CK_RV code() const { return std::get<0>(GetParam()); }
  FaultPoint at() const { return std::get<1>(GetParam()); }

  // The code once, at its place, on the way of the next signature.
  void Provoke() const {
    if (at() == FaultPoint::kOpenSession) {
      Faults().Fail(FaultPoint::kSignInit, CKR_SESSION_CLOSED);
    }
    if (at() == FaultPoint::kFindObjects) {
      Faults().Fail(FaultPoint::kSignInit, CKR_KEY_HANDLE_INVALID);
    }
    Faults().Fail(at(), code());
  }

  static core::SignResult Sign() {
    return SignAndWait(*world_->signer, Job(world_->key));
  }

  // By itself, without anybody doing anything.
  static bool SignsAgain() {
    return Await([] { return world_->signer->Health().ready && Sign().ok(); });
  }

  static World* world_;
};

World* ClassTableTest::world_ = nullptr;

bool IsSignedOrUnavailable(const core::SignResult& result) {
  if (result.ok()) return true;
  const auto details = base::GetErrorDetails(result.status());
  return absl::IsUnavailable(result.status()) && details.has_value() &&
         details->retry_delay.has_value();
}

TEST_P(ClassTableTest, DoesWhatTheClassSays) {
  Provoke();
  const core::SignResult result = Sign();
  const int calls = Faults().calls(at());
  EXPECT_TRUE(SignsAgain());
  const int starts = Faults().calls(FaultPoint::kInitialize);
  const int logins = Faults().calls(FaultPoint::kLogin);
  EXPECT_EQ(Faults().finalised_with_a_thread_inside(), 0);

  switch (FailureOf(code())) {
    case Failure::kSession:
    case Failure::kHandle:
      // Another session, another handle: nobody notices. What says so of a call
      // that has no session or handle yet is no better than a lost token.
      if (at() == FaultPoint::kSignInit || at() == FaultPoint::kSign) {
        EXPECT_OK(result);
        EXPECT_EQ(calls, 2);
        EXPECT_EQ(starts, 0);
        EXPECT_EQ(logins, 0);
      }
      EXPECT_TRUE(IsSignedOrUnavailable(result)) << result.status();
      break;
    case Failure::kLogin:
      EXPECT_TRUE(IsSignedOrUnavailable(result)) << result.status();
      EXPECT_EQ(logins, 1);
      break;
    case Failure::kDevice:
      EXPECT_TRUE(IsSignedOrUnavailable(result)) << result.status();
      EXPECT_EQ(starts, 1);
      EXPECT_EQ(logins, 1);
      break;
    case Failure::kCapacity:
      EXPECT_TRUE(IsSignedOrUnavailable(result)) << result.status();
      EXPECT_EQ(starts, 0);
      EXPECT_EQ(logins, 0);
      break;
    case Failure::kPin:
    case Failure::kRefused:
      EXPECT_EQ(result.status().code(), ReturnCodeStatus(code(), "").code())
          << result.status();
      EXPECT_EQ(calls, 1);
      EXPECT_EQ(starts, 0);
      EXPECT_EQ(logins, 0);
      break;
  }
  if (result.ok()) {
    // Every try that may have used the key is counted.
    EXPECT_EQ(result->at(0).key_uses, at() == FaultPoint::kSign ? 2 : 1);
  }
}

const char* PointName(FaultPoint at) {
  static const auto* const names = new std::map<FaultPoint, const char*>{
      {FaultPoint::kOpenSession, "OpenSession"},
      {FaultPoint::kFindObjects, "FindObjectsInit"},
      {FaultPoint::kSignInit, "SignInit"},
      {FaultPoint::kSign, "Sign"}};
  return names->at(at);
}

INSTANTIATE_TEST_SUITE_P(
    EachRow, ClassTableTest,
    testing::Combine(testing::ValuesIn(ListReturnCodes()),
                     testing::Values(FaultPoint::kOpenSession,
                                     FaultPoint::kFindObjects,
                                     FaultPoint::kSignInit, FaultPoint::kSign)),
    [](const auto& info) {
      return absl::StrCat(ReturnCodeName(std::get<0>(info.param)), "_",
                          PointName(std::get<1>(info.param)));
    });

// A code that no row has is a vendor's way to say that something is broken.
INSTANTIATE_TEST_SUITE_P(
    VendorsCode, ClassTableTest,
    testing::Combine(testing::Values(CKR_VENDOR_DEFINED + 7),
                     testing::Values(FaultPoint::kSignInit, FaultPoint::kSign)),
    [](const auto& info) { return PointName(std::get<1>(info.param)); });

}  // namespace
}  // namespace countersign::hsm
