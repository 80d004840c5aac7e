// What `countersignd --check` says of tokens: every mistake by name, and never
// a login.
#include "hsm/check_token.h"

#include <string>

#include "absl/time/time.h"
#include "base/random.h"
#include "base/secret_bytes.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hsm/hsm_fixture.h"
#include "hsm/pin_latch.h"
#include "hsm/softhsm_token.h"
#include "hsm/token_options.h"

namespace countersign::hsm {
namespace {

using testing::HasSubstr;

class CheckTokenTest : public HsmFixture {
 protected:
  void SetUp() override {
    HsmFixture::SetUp();
    ASSERT_OK(softhsm_->AddToken("second"));
  }
  void TearDown() override { EXPECT_EQ(faults_.calls(FaultPoint::kLogin), 0); }
  Pkcs11SignerOptions Options() const {
    Pkcs11SignerOptions options = FaultyOptions();
    options.tokens.push_back(FaultyToken("second"));
    return options;
  }
};

TEST_F(CheckTokenTest, FindsNothingWrongAndLeavesTheModuleAsItWas) {
  const auto checks = CheckTokens(Options());
  ASSERT_EQ(checks.size(), 2u);
  EXPECT_EQ(checks[0].token, "test");
  EXPECT_EQ(checks[1].token, "second");
  EXPECT_OK(FirstError(checks));
  EXPECT_EQ(faults_.calls(FaultPoint::kInitialize), 1);
  EXPECT_EQ(faults_.calls(FaultPoint::kFinalize), 1);
}

TEST_F(CheckTokenTest, TellsOfEachTokenWhatIsWrong) {
  Pkcs11SignerOptions options = Options();
  options.tokens[0].token_label = "tset";
  options.tokens[1].module_path = softhsm_->WriteFile("m.so", "text", 0644);
  const auto checks = CheckTokens(options);
  ASSERT_EQ(checks.size(), 2u);
  EXPECT_THAT(checks[0].status, base::HasReason("TOKEN_NOT_FOUND"));
  EXPECT_THAT(std::string(checks[0].status.message()), HasSubstr("\"test\""));
  EXPECT_THAT(checks[1].status, base::HasReason("NOT_A_MODULE"));
}

TEST_F(CheckTokenTest, RefusesTwoTokensOfOneLabel) {
  ASSERT_OK(softhsm_->AddToken("test"));
  EXPECT_THAT(FirstError(CheckTokens(Options())),
              base::HasReason("TOKEN_AMBIGUOUS"));
}

TEST_F(CheckTokenTest, SeesALockedPin) {
  faults_.SetTokenFlags(CKF_USER_PIN_LOCKED);
  EXPECT_THAT(FirstError(CheckTokens(Options())),
              base::HasReason("PIN_REFUSED"));
}

TEST_F(CheckTokenTest, SeesTheLatchOfARefusedPin) {
  base::FakeRandom random;
  const TokenOptions token = FaultyToken();
  auto pin = base::ReadSecretFile(token.pin_file);
  ASSERT_OK(pin);
  ASSERT_OK(PinLatch(PinLatch::PathFor(token.pin_file, token.latch_file))
                .Set({"test", "0", "CKR_PIN_INCORRECT", absl::UnixEpoch()},
                     *pin, random));
  EXPECT_THAT(FirstError(CheckTokens(FaultyOptions())),
              base::HasReason("PIN_LATCHED"));
}

TEST_F(CheckTokenTest, SeesThatTheLatchCannotBeWritten) {
  Pkcs11SignerOptions options = FaultyOptions();
  options.tokens[0].latch_file = softhsm_->directory() + "/missing/latch";
  EXPECT_THAT(FirstError(CheckTokens(options)),
              base::HasReason("LATCH_UNUSABLE"));
}

TEST_F(CheckTokenTest, SeesAPinFileThatOthersMayRead) {
  Pkcs11SignerOptions options = FaultyOptions();
  options.tokens[0].pin_file = softhsm_->WriteFile("open", "1234\n", 0644);
  EXPECT_THAT(FirstError(CheckTokens(options)),
              base::HasCode(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(faults_.calls(FaultPoint::kInitialize), 0);
}

TEST_F(CheckTokenTest, SaysThatATokenIsAway) {
  Pretence pretence;
  pretence.no_token = true;
  faults_.Pretend(pretence);
  EXPECT_THAT(FirstError(CheckTokens(FaultyOptions())),
              base::HasReason("NO_TOKEN"));
}

TEST_F(CheckTokenTest, SeesOneTokenByTwoNames) {
  Pkcs11SignerOptions options = Options();
  options.tokens[1].token_label = "test";
  options.tokens[1].module_path = kSoftHsmModule;
  EXPECT_THAT(FirstError(CheckTokens(options)), base::HasReason("TOKEN_TWICE"));
}

// The last: the module stays initialised.
TEST_F(CheckTokenTest, WaitsForNoModuleForEver) {
  Pkcs11SignerOptions options = FaultyOptions();
  options.tokens[0].call_timeout = absl::Milliseconds(50);
  faults_.Hold(FaultPoint::kInitialize, 1);
  EXPECT_THAT(FirstError(CheckTokens(options)), base::HasReason("CALL_STUCK"));
  faults_.Release();
}

}  // namespace
}  // namespace countersign::hsm
