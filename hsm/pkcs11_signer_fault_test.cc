// What Pkcs11Signer does when module or token are at fault, beyond single
// return codes (class_table_test.cc): wrong signatures, keys that vanish, are
// replaced or doubled, tokens without room, and requests that are at fault
// themselves.
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/status_matchers.h"
#include "core/algorithms.h"
#include "core/signer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hsm/await_fixture.h"
#include "hsm/connection.h"
#include "hsm/hsm_fixture.h"
#include "hsm/key_pair.h"
#include "hsm/pkcs11_signer.h"
#include "hsm/session.h"

namespace countersign::hsm {
namespace {

using absl::StatusCode;
using core::KeyType;
using testing::HasSubstr;

class FaultTest : public HsmFixture {
 protected:
  void SetUp() override {
    HsmFixture::SetUp();
    Open(OneSession());
    key_ = MakeKey(*signer_, Key("k", KeyType::kEcP256));
    ASSERT_OK(Sign());
  }

  Pkcs11SignerOptions OneSession() const {
    Pkcs11SignerOptions options = FaultyOptions();
    options.tokens[0].sessions = 1;
    return options;
  }

  void Open(const Pkcs11SignerOptions& options) {
    signer_.reset();
    ASSERT_OK_AND_ASSIGN(signer_, Pkcs11Signer::Create(options, clock_));
  }

  core::SignResult Sign() { return SignAndWait(*signer_, Job(key_)); }

  // By itself.
  bool SignsAgain() {
    return Await([&] { return signer_->Health().ready && Sign().ok(); });
  }

  // Another session on the same token, as an operator's tool would have.
  struct Aside {
    std::unique_ptr<Connection> connection;
    std::unique_ptr<Session> session;
  };
  Aside OpenAside() {
    auto connection = Connection::Open(FaultyToken());
    EXPECT_OK(connection);
    auto session = (*connection)->OpenSession(Session::Mode::kReadWrite);
    EXPECT_OK(session);
    return {*std::move(connection),
            std::make_unique<Session>(*std::move(session))};
  }

  void DeleteKey(Session& session) {
    ASSERT_OK_AND_ASSIGN(const auto pair, FindKeyPair(session, key_));
    ASSERT_TRUE(pair.has_value());
    ASSERT_OK(session.DestroyObject(pair->private_key));
    ASSERT_OK(session.DestroyObject(pair->public_key));
  }

  base::SystemClock clock_;
  std::unique_ptr<Pkcs11Signer> signer_;
  core::KeyRef key_;
};

// --- Signatures

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

TEST_F(FaultTest, WithoutTheCheckOfEcRsaIsStillChecked) {
  Pkcs11SignerOptions options = OneSession();
  options.tokens[0].verify_ec = false;
  Open(options);
  faults_.CorruptSignatures(1);
  EXPECT_OK(Sign());
  const core::KeyRef rsa = MakeKey(*signer_, Key("r", KeyType::kRsa2048));
  faults_.CorruptSignatures(1);
  EXPECT_THAT(SignAndWait(*signer_, Job(rsa)),
              base::HasReason("WRONG_SIGNATURE"));
}

// --- Requests

TEST_F(FaultTest, ABadRequestNeverReachesTheModule) {
  core::SignJob bad[7];
  for (core::SignJob& job : bad) job = Job(key_);
  bad[0].digests.clear();
  bad[1].digests.resize(1001, std::string(32, 'd'));
  bad[2].digests[0].resize(31);
  bad[3].digests[0].resize(64);
  bad[4].algorithm = core::SignatureAlgorithm::kRsassaPss;
  bad[5].algorithm = core::SignatureAlgorithm::kEd25519;
  bad[6].hash = core::HashAlgorithm::kUnhashed;
  faults_.Reset();
  for (const core::SignJob& job : bad) {
    EXPECT_THAT(SignAndWait(*signer_, job),
                base::HasCode(StatusCode::kInvalidArgument));
  }
  EXPECT_EQ(faults_.calls(FaultPoint::kSignInit), 0);
  EXPECT_EQ(faults_.calls(FaultPoint::kFindObjects), 0);
  EXPECT_TRUE(signer_->Health().ready);
  EXPECT_OK(Sign());
}

TEST_F(FaultTest, AMechanismThatIsMissingHurtsNobodyElse) {
  const core::KeyRef rsa = MakeKey(*signer_, Key("r", KeyType::kRsa2048));
  Pretence pretence;
  pretence.absent_mechanisms = {CKM_ECDSA};
  faults_.Pretend(pretence);
  EXPECT_THAT(Sign(), base::HasReason("MECHANISM_ABSENT"));
  EXPECT_OK(SignAndWait(*signer_, Job(rsa)));
  EXPECT_TRUE(signer_->Health().ready);
  EXPECT_EQ(faults_.calls(FaultPoint::kInitialize), 1);
}

// --- Keys

TEST_F(FaultTest, AKeyThatWasDeletedIsNamed) {
  {
    Aside aside = OpenAside();
    DeleteKey(*aside.session);
  }
  // At first it may as well be the token that is gone; a new start tells.
  core::SignResult result = absl::UnknownError("not asked");
  Await([&] {
    result = Sign();
    return !absl::IsUnavailable(result.status());
  });
  EXPECT_THAT(result, base::HasReason("KEY_MISSING"));
  faults_.Reset();
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(Sign(), base::HasReason("KEY_MISSING"));
  }
  EXPECT_TRUE(signer_->Health().ready);
  EXPECT_EQ(faults_.calls(FaultPoint::kInitialize), 0);
}

TEST_F(FaultTest, AKeyThatWasReplacedIsRefused) {
  {
    Aside aside = OpenAside();
    DeleteKey(*aside.session);
    ASSERT_OK(GenerateKeyPair(*aside.session, key_));
  }
  EXPECT_THAT(Sign(), base::HasReason("KEY_NOT_PINNED"));
}

TEST_F(FaultTest, ADoubledKeyIsRefusedWhenItIsLookedFor) {
  Pretence pretence;
  pretence.found = Pretence::Found::kDoubled;
  faults_.Pretend(pretence);
  EXPECT_THAT(signer_->MakeKey(key_), base::HasReason("KEY_DOUBLED"));
  EXPECT_THAT(signer_->RegisterKey(key_), base::HasReason("KEY_DOUBLED"));
  faults_.Fail(FaultPoint::kSignInit, CKR_KEY_HANDLE_INVALID);
  EXPECT_THAT(Sign(), base::HasReason("KEY_DOUBLED"));
}

TEST_F(FaultTest, AKeyThatWantsThePinForEachSignatureIsRefused) {
  Pretence pretence;
  pretence.attributes[CKA_ALWAYS_AUTHENTICATE] = true;
  faults_.Pretend(pretence);
  EXPECT_THAT(signer_->RegisterKey(key_),
              base::StatusIs(StatusCode::kFailedPrecondition,
                             HasSubstr("CKA_ALWAYS_AUTHENTICATE")));
}

TEST_F(FaultTest, WhatTheModuleCannotSayOfAKeyIsUnknown) {
  Pretence pretence;
  pretence.attributes[CKA_NEVER_EXTRACTABLE] = std::nullopt;
  faults_.Pretend(pretence);
  ASSERT_OK_AND_ASSIGN(const core::KeyReport report,
                       signer_->RegisterKey(key_));
  EXPECT_EQ(report.findings.at(0).attributes.at("CKA_NEVER_EXTRACTABLE"),
            "unknown");
}

TEST_F(FaultTest, AKeyThatCouldLeaveTheTokenIsRefused) {
  for (const auto& [attribute, value] :
       std::map<CK_ATTRIBUTE_TYPE, std::optional<bool>>{
           {CKA_SENSITIVE, false},
           {CKA_SENSITIVE, std::nullopt},
           {CKA_EXTRACTABLE, true},
           {CKA_NEVER_EXTRACTABLE, false},
           {CKA_LOCAL, false},
           {CKA_DECRYPT, true}}) {
    Pretence pretence;
    pretence.attributes[attribute] = value;
    faults_.Pretend(pretence);
    EXPECT_THAT(signer_->RegisterKey(key_), base::HasReason("KEY_UNSAFE"))
        << attribute;
  }
}

TEST_F(FaultTest, AKeyThatCannotBeMadeBreaksNothing) {
  faults_.Fail(FaultPoint::kGenerateKeyPair, CKR_KEY_SIZE_RANGE);
  EXPECT_THAT(signer_->MakeKey(Key("new", KeyType::kEcP256)),
              base::HasCode(StatusCode::kFailedPrecondition));
  EXPECT_OK(Sign());
  EXPECT_EQ(faults_.calls(FaultPoint::kInitialize), 1);
}

TEST_F(FaultTest, ATokenThatIsLostWhileAKeyIsMadeComesBack) {
  faults_.Fail(FaultPoint::kGenerateKeyPair, CKR_DEVICE_ERROR);
  const auto made = signer_->MakeKey(Key("new", KeyType::kEcP256));
  EXPECT_TRUE(made.ok() || absl::IsUnavailable(made.status())) << made.status();
  EXPECT_TRUE(SignsAgain());
}

TEST_F(FaultTest, DestroyingGoesOnWhereItWasInterrupted) {
  faults_.Fail(FaultPoint::kDestroyObject, CKR_FUNCTION_FAILED, 1, /*skip=*/1);
  EXPECT_FALSE(signer_->DestroyKey(key_).ok());
  EXPECT_TRUE(Await([&] { return signer_->DestroyKey(key_).ok(); }));
  Aside aside = OpenAside();
  ASSERT_OK_AND_ASSIGN(const auto pair, FindKeyPair(*aside.session, key_));
  EXPECT_FALSE(pair.has_value());
}

// --- Room

class RoomTest : public FaultTest {
 protected:
  // More jobs at once than there is room for.
  void ExpectAllSigned() {
    std::deque<Answer> answers(200);
    for (Answer& answer : answers) signer_->Sign(Job(key_), answer.Done());
    for (Answer& answer : answers) EXPECT_OK(answer.Wait());
  }
};

TEST_F(RoomTest, UsesFewerSessionsWhereTheTokenHasNoRoom) {
  Pkcs11SignerOptions options = FaultyOptions();
  options.tokens[0].sessions = 8;
  Open(options);
  faults_.Delay(FaultPoint::kSign, absl::Milliseconds(1));
  Pretence pretence;
  pretence.session_limit = 3;
  faults_.Pretend(pretence);
  ExpectAllSigned();
  EXPECT_LE(faults_.open_sessions(), 3);
  EXPECT_TRUE(signer_->Health().ready);
  EXPECT_EQ(faults_.calls(FaultPoint::kInitialize), 2);  // once each Open
}

TEST_F(RoomTest, BelievesTheTokensOwnFigure) {
  Pretence pretence;
  pretence.max_sessions = 4;
  faults_.Pretend(pretence);
  Pkcs11SignerOptions options = FaultyOptions();
  options.tokens[0].sessions = 8;
  Open(options);
  faults_.Delay(FaultPoint::kSign, absl::Milliseconds(1));
  ExpectAllSigned();
  EXPECT_LE(faults_.open_sessions(), 4);
}

// --- Module and token

TEST_F(FaultTest, NobodyIsInsideWhenTheModuleIsFinalised) {
  Open(FaultyOptions());
  faults_.Reset();
  faults_.Hold(FaultPoint::kSign, 1);
  Answer held;
  signer_->Sign(Job(key_), held.Done());
  faults_.AwaitHeld(1);
  faults_.Fail(FaultPoint::kSignInit, CKR_DEVICE_ERROR);
  Answer failed;
  signer_->Sign(Job(key_), failed.Done());
  faults_.AwaitCalls(FaultPoint::kSignInit, 2);
  EXPECT_EQ(faults_.calls(FaultPoint::kFinalize), 0);
  faults_.Release();
  held.Wait().IgnoreError();
  failed.Wait().IgnoreError();
  EXPECT_TRUE(SignsAgain());
  EXPECT_EQ(faults_.calls(FaultPoint::kFinalize), 1);
  EXPECT_EQ(faults_.finalised_with_a_thread_inside(), 0);
}

TEST_F(FaultTest, HealthTellsWhileTheTokenIsAway) {
  faults_.Fail(FaultPoint::kInitialize, CKR_DEVICE_ERROR, FaultControl::kAll);
  faults_.Fail(FaultPoint::kSign, CKR_DEVICE_ERROR);
  EXPECT_THAT(Sign(), base::HasReason("TOKEN_UNAVAILABLE"));
  const core::SignerHealth health = signer_->Health();
  EXPECT_FALSE(health.ready);
  EXPECT_FALSE(health.tokens.at(0).ready);
  EXPECT_THAT(health.message, HasSubstr("CKR_DEVICE_ERROR"));
  EXPECT_THAT(signer_->MakeKey(Key("other", KeyType::kEcP256)),
              base::HasReason("TOKEN_UNAVAILABLE"));
  faults_.Reset();
  EXPECT_TRUE(SignsAgain());
}

TEST_F(FaultTest, AModuleThatShowsNoTokenIsAskedAgain) {
  Pretence pretence;
  pretence.no_token = true;
  faults_.Pretend(pretence);
  faults_.Fail(FaultPoint::kSign, CKR_TOKEN_NOT_PRESENT);
  EXPECT_THAT(Sign(), base::HasReason("TOKEN_UNAVAILABLE"));
  faults_.AwaitCalls(FaultPoint::kInitialize, 4);
  EXPECT_FALSE(signer_->Health().ready);
  faults_.Pretend(Pretence());
  EXPECT_TRUE(SignsAgain());
}

TEST_F(FaultTest, TokenFilesThatWentAwayAndCameBack) {
  ASSERT_OK(softhsm_->HideFiles());
  EXPECT_TRUE(Await([&] {
    EXPECT_THAT(Sign(), base::HasReason("TOKEN_UNAVAILABLE"));
    return !signer_->Health().ready;
  }));
  ASSERT_OK(softhsm_->RestoreFiles());
  EXPECT_TRUE(SignsAgain());
}

}  // namespace
}  // namespace countersign::hsm
