// Pkcs11Signer with several tokens: which of them signs, and what happens when
// one cannot.
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
#include "hsm/softhsm_token.h"
#include "hsm/token_options.h"

namespace countersign::hsm {
namespace {

using absl::StatusCode;
using core::KeyType;
using testing::HasSubstr;

class RoutingTest : public HsmFixture {
 protected:
  void SetUp() override {
    HsmFixture::SetUp();
    ASSERT_OK(softhsm_->AddToken("second"));
  }

  // Both behind the fault module, which they share.
  Pkcs11SignerOptions Options() const {
    Pkcs11SignerOptions options = FaultyOptions();
    options.tokens.push_back(FaultyToken("second"));
    for (TokenOptions& token : options.tokens) token.sessions = 1;
    return options;
  }
  void Open(const Pkcs11SignerOptions& options) {
    ASSERT_OK_AND_ASSIGN(signer_, Pkcs11Signer::Create(options, clock_));
  }
  void Open() { Open(Options()); }

  core::KeyRef KeyIn(const std::string& token, const char* label = "k") {
    core::KeyRef key = Key(label, KeyType::kEcP256);
    key.tokens = {token};
    return MakeKey(*signer_, key);
  }

  base::SystemClock clock_;
  std::unique_ptr<Pkcs11Signer> signer_;
};

TEST_F(RoutingTest, TwoTokensOfOneModuleShareIt) {
  Open();
  EXPECT_EQ(faults_.calls(FaultPoint::kInitialize), 1);
  EXPECT_EQ(faults_.calls(FaultPoint::kLogin), 2);
  EXPECT_TRUE(signer_->Health().tokens.at(0).ready);
  EXPECT_TRUE(signer_->Health().tokens.at(1).ready);
}

TEST_F(RoutingTest, EachKeySignsInItsTokenAndTheAnswerSaysWhich) {
  Open();
  for (const char* token : {"test", "second"}) {
    const core::KeyRef key = KeyIn(token);
    ASSERT_OK_AND_ASSIGN(const auto signatures,
                         SignAndWait(*signer_, Job(key, 3)));
    for (const core::DigestSignature& signature : signatures) {
      EXPECT_EQ(signature.token, token);
      EXPECT_EQ(signature.key_uses, 1);
    }
  }
}

TEST_F(RoutingTest, AKeyWithoutATokenIsInTheDefaultOne) {
  Pkcs11SignerOptions options = Options();
  options.default_token = "second";
  Open(options);
  const core::KeyRef key = MakeKey(*signer_, Key("k", KeyType::kEcP256));
  ASSERT_OK_AND_ASSIGN(const auto signatures, SignAndWait(*signer_, Job(key)));
  EXPECT_EQ(signatures.at(0).token, "second");
}

TEST_F(RoutingTest, AnUnknownTokenIsNamedWithThoseThereAre) {
  Open();
  core::KeyRef key = KeyIn("test");
  key.tokens = {"test", "third"};
  EXPECT_THAT(SignAndWait(*signer_, Job(key)),
              base::StatusIs(StatusCode::kNotFound,
                             testing::AllOf(HasSubstr("\"third\""),
                                            HasSubstr("test, second"))));
  EXPECT_THAT(signer_->Reserve(key, 1), base::HasReason("UNKNOWN_TOKEN"));
  EXPECT_THAT(signer_->RegisterKey(key), base::HasReason("UNKNOWN_TOKEN"));
  EXPECT_THAT(signer_->DestroyKey(key), base::HasReason("UNKNOWN_TOKEN"));
}

TEST_F(RoutingTest, AKeyIsMadeInOneTokenOnly) {
  Open();
  core::KeyRef key = Key("k", KeyType::kEcP256);
  key.tokens = {"test", "second"};
  EXPECT_THAT(signer_->MakeKey(key),
              base::HasCode(StatusCode::kInvalidArgument));
}

TEST_F(RoutingTest, TwoKeysOfOneNameAreNotOneKey) {
  Open();
  core::KeyRef key = KeyIn("test");
  KeyIn("second");
  key.tokens = {"test", "second"};
  EXPECT_THAT(signer_->RegisterKey(key), base::HasReason("KEY_NOT_PINNED"));
}

// --- Failover: the second token has no such key, so that all it does is to be
// asked.

TEST_F(RoutingTest, WhatOneCannotDoIsGivenToAnother) {
  Open();
  core::KeyRef key = KeyIn("second");
  key.tokens = {"test", "second"};
  // Half of them begin in the token that has no such key.
  ASSERT_OK_AND_ASSIGN(const auto signatures,
                       SignAndWait(*signer_, Job(key, 40)));
  for (const core::DigestSignature& signature : signatures) {
    EXPECT_EQ(signature.token, "second");
    EXPECT_EQ(signature.key_uses, 1);
  }
}

TEST_F(RoutingTest, WhatNoneCanDoIsTold) {
  Open();
  core::KeyRef key = KeyIn("test");
  key.label = "none";
  key.tokens = {"test", "second"};
  EXPECT_THAT(SignAndWait(*signer_, Job(key)), base::HasReason("KEY_MISSING"));
}

TEST_F(RoutingTest, AUseInTheFirstTokenCounts) {
  Open();
  core::KeyRef key = KeyIn("test");
  core::KeyRef other = KeyIn("second", "other");
  // C_Sign fails as a device does: whether it signed, nobody knows.
  faults_.Fail(FaultPoint::kSign, CKR_DEVICE_ERROR);
  const core::SignResult lost = SignAndWait(*signer_, Job(key));
  EXPECT_THAT(lost, base::HasCode(StatusCode::kUnavailable));
  EXPECT_TRUE(core::KeyMayHaveBeenUsed(lost.status()));
  // C_SignInit did not use it.
  ASSERT_TRUE(Await([&] { return signer_->Health().tokens[0].ready; }));
  faults_.Fail(FaultPoint::kSignInit, CKR_DEVICE_ERROR);
  const core::SignResult unused = SignAndWait(*signer_, Job(key));
  EXPECT_THAT(unused, base::HasCode(StatusCode::kUnavailable));
  EXPECT_FALSE(core::KeyMayHaveBeenUsed(unused.status()));
  EXPECT_OK(SignAndWait(*signer_, Job(other)));
}

TEST_F(RoutingTest, AHangOfOneTokenIsSteppedAround) {
  Pkcs11SignerOptions options = Options();
  options.tokens[0].call_timeout = absl::Milliseconds(100);
  Open(options);
  core::KeyRef key = KeyIn("second");
  // The search for it in the first token hangs.
  key.tokens = {"test", "second"};
  faults_.Hold(FaultPoint::kFindObjects, 1);
  Answer answer;
  core::KeyRef first_only = key;
  first_only.tokens = {"test"};
  signer_->Sign(Job(first_only), answer.Done());
  faults_.AwaitHeld(1);
  EXPECT_OK(SignAndWait(*signer_, Job(key, 20)));
  EXPECT_THAT(answer.Wait(), base::HasReason("CALL_STUCK"));
  ASSERT_TRUE(
      Await([&] { return signer_->Health().tokens[0].stuck_calls == 1; }));
  faults_.Release();
  EXPECT_TRUE(
      Await([&] { return signer_->Health().tokens[0].stuck_calls == 0; }));
}

TEST_F(RoutingTest, OneTokenComesBackWithoutTakingDownTheOther) {
  Open();
  const core::KeyRef key = KeyIn("test");
  const core::KeyRef other = KeyIn("second");
  ASSERT_OK(SignAndWait(*signer_, Job(key)));
  ASSERT_OK(SignAndWait(*signer_, Job(other)));
  faults_.Reset();
  faults_.Fail(FaultPoint::kSign, CKR_DEVICE_ERROR);
  EXPECT_FALSE(SignAndWait(*signer_, Job(key)).ok());
  ASSERT_TRUE(Await([&] { return signer_->Health().tokens[0].ready; }));
  EXPECT_OK(SignAndWait(*signer_, Job(key)));
  EXPECT_OK(SignAndWait(*signer_, Job(other)));
  // It was found again without a new start.
  EXPECT_EQ(faults_.calls(FaultPoint::kInitialize), 0);
}

TEST_F(RoutingTest, AStartForOneTokenBringsBackBoth) {
  Open();
  const core::KeyRef key = KeyIn("test");
  const core::KeyRef other = KeyIn("second");
  ASSERT_OK(SignAndWait(*signer_, Job(key)));
  ASSERT_OK(SignAndWait(*signer_, Job(other)));
  faults_.Reset();
  // To find it again fails once, so that the module is started anew.
  faults_.Fail(FaultPoint::kSign, CKR_DEVICE_ERROR);
  faults_.Fail(FaultPoint::kGetSlotList, CKR_DEVICE_ERROR);
  EXPECT_FALSE(SignAndWait(*signer_, Job(key)).ok());
  faults_.AwaitCalls(FaultPoint::kInitialize, 1);
  EXPECT_TRUE(Await([&] {
    return SignAndWait(*signer_, Job(key)).ok() &&
           SignAndWait(*signer_, Job(other)).ok();
  }));
  EXPECT_EQ(faults_.calls(FaultPoint::kInitialize), 1);
  EXPECT_EQ(faults_.finalised_with_a_thread_inside(), 0);
}

TEST_F(RoutingTest, ATokenThatIsAwayAtStartDoesNotStopTheOther) {
  Pkcs11SignerOptions options = Options();
  for (TokenOptions& token : options.tokens) {
    token.call_timeout = absl::Milliseconds(300);
  }
  // Of whichever token comes first.
  faults_.Hold(FaultPoint::kLogin, 1);
  Open(options);
  const core::SignerHealth health = signer_->Health();
  EXPECT_TRUE(health.ready);
  const bool first = health.tokens.at(0).ready;
  EXPECT_NE(first, health.tokens.at(1).ready);
  EXPECT_THAT(health.message, HasSubstr(first ? "\"second\"" : "\"test\""));
  EXPECT_OK(SignAndWait(*signer_, Job(KeyIn(first ? "test" : "second"))));
  faults_.Release();
  EXPECT_TRUE(Await([&] {
    const core::SignerHealth now = signer_->Health();
    return now.tokens[0].ready && now.tokens[1].ready && now.message.empty();
  }));
}

// --- Mistakes

struct MistakeCase {
  const char* name;
  void (*spoil)(Pkcs11SignerOptions&);
  const char* reason;
};

class MistakeTest : public RoutingTest,
                    public testing::WithParamInterface<MistakeCase> {};

TEST_P(MistakeTest, IsNamedBeforeAnyLogin) {
  Pkcs11SignerOptions options = Options();
  GetParam().spoil(options);
  EXPECT_THAT(Pkcs11Signer::Create(options, clock_),
              base::HasReason(GetParam().reason));
}

INSTANTIATE_TEST_SUITE_P(
    All, MistakeTest,
    testing::Values(
        MistakeCase{"NoToken", [](Pkcs11SignerOptions& o) { o.tokens.clear(); },
                    "BAD_SIGNER_OPTIONS"},
        MistakeCase{
            "SeventeenTokens",
            [](Pkcs11SignerOptions& o) { o.tokens.resize(17, o.tokens[0]); },
            "BAD_SIGNER_OPTIONS"},
        MistakeCase{"OneNameTwice",
                    [](Pkcs11SignerOptions& o) { o.tokens[1].name = "test"; },
                    "TOKEN_TWICE"},
        MistakeCase{
            "OneTokenTwice",
            [](Pkcs11SignerOptions& o) { o.tokens[1].token_label = "test"; },
            "TOKEN_TWICE"},
        MistakeCase{"OneTokenByTwoModules",
                    [](Pkcs11SignerOptions& o) {
                      o.tokens[1].token_label = "test";
                      o.tokens[1].module_path = kSoftHsmModule;
                    },
                    "TOKEN_TWICE"},
        MistakeCase{"UnknownDefault",
                    [](Pkcs11SignerOptions& o) { o.default_token = "third"; },
                    "BAD_SIGNER_OPTIONS"},
        MistakeCase{"OtherInitArguments",
                    [](Pkcs11SignerOptions& o) { o.tokens[1].init_args = "x"; },
                    "BAD_SIGNER_OPTIONS"},
        MistakeCase{"NoTime",
                    [](Pkcs11SignerOptions& o) {
                      o.tokens[1].call_timeout = absl::ZeroDuration();
                    },
                    "BAD_SIGNER_OPTIONS"},
        MistakeCase{"WaivesWhatMustNotBe",
                    [](Pkcs11SignerOptions& o) {
                      o.tokens[1].accept_attributes = {"CKA_SENSITIVE"};
                    },
                    "BAD_SIGNER_OPTIONS"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace countersign::hsm
