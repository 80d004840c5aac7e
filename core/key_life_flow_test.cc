// Keys from their registration to their end, and the limits of their use.
#include "core/flow_fixture.h"

namespace countersign::core {
namespace {

using base::HasCode;
using base::HasReason;
using testing::HasSubstr;

class KeyLifeFlowTest : public FlowFixture {
 protected:
  Product Shop() { return *store_.GetProduct(ProductName{"shop"}); }
  KeyVersion Key(int64_t version) {
    const Product shop = Shop();
    const KeyVersion* key = shop.operations[0].FindKeyVersion(version);
    EXPECT_NE(key, nullptr);
    return key == nullptr ? KeyVersion() : *key;
  }
  KeyVersionName Name(int64_t version) const { return {operation_, version}; }

  Answer Change(KeyVerb verb, int64_t version, const Principal& who,
                const std::string& reason = "why") {
    return *driver_.Run(MakeDecideKeyFlow({verb, who, Name(version), reason}));
  }
  Answer Rotate(std::optional<absl::Time> start = std::nullopt) {
    return *driver_.Run(
        MakeRotateKeyFlow({admin_, operation_, random_.Bytes(16), start}));
  }
  Answer Register(const std::string& id, const std::string& label,
                  std::vector<std::string> tokens = {}) {
    return *driver_.Run(MakeRegisterKeyFlow(
        {admin_, operation_, id, label, std::move(tokens), std::nullopt}));
  }
  Answer DestroyDue() {
    return *driver_.Run(MakeDestroyDueKeysFlow(ProductName{"shop"}));
  }
  // The shop, each of whose keys makes so many signatures.
  void SetUpLimitedShop(int64_t limit) {
    Product product = ProductToBe();
    product.operations[0].max_signatures_per_key = limit;
    ASSERT_OK(Create(product));
    ASSERT_OK(*driver_.Run(MakeDecideProductFlow(Approval(owner_))));
  }
  const Event* Last(EventType type) {
    events_ = store_.events();
    for (auto it = events_.rbegin(); it != events_.rend(); ++it) {
      if (it->type == type) return &*it;
    }
    return nullptr;
  }
  std::string Detail(EventType type, const std::string& name) {
    const Event* event = Last(type);
    const base::Json* found =
        event == nullptr ? nullptr : event->details.Find(name);
    return found == nullptr ? "" : base::CompactJson(*found);
  }

  OperationName operation_{ProductName{"shop"}, "release"};
  std::vector<Event> events_;
};

// --- Registration

TEST_F(KeyLifeFlowTest, RegistersAKeyAfterItsIntentIsRecorded) {
  SetUpShop();
  ASSERT_OK(signer_.AddKey({"\x01\x02", "old key", KeyType::kEcP256, "", {}}));
  driver_.before = [&](const Effect& effect, int) {
    if (const auto* make = std::get_if<MakeKeyEffect>(&effect.next)) {
      EXPECT_TRUE(make->existing);
      EXPECT_EQ(Leaves(EventType::kKeyRegistering), 1);
    }
  };
  ASSERT_OK(Register("\x01\x02", "old key"));
  EXPECT_EQ(Leaves(EventType::kKeyRegistered), 1);
  EXPECT_EQ(Detail(EventType::kKeyRegistered, "keyId"), "\"0102\"");
  EXPECT_EQ(Detail(EventType::kKeyRegistered, "origin"), "\"REGISTERED\"");
  EXPECT_THAT(Detail(EventType::kKeyRegistered, "findings"),
              HasSubstr(R"("CKA_SENSITIVE":"true")"));
  const KeyVersion key = Key(2);
  EXPECT_TRUE(key.registered);
  EXPECT_EQ(key.label, "old key");
  EXPECT_EQ(key.findings.size(), 1u);
  ASSERT_OK_AND_ASSIGN(SigningRequest request, Create(Ask(nightly_)));
  EXPECT_EQ(request.key_version, 2);
}

TEST_F(KeyLifeFlowTest, TakesARegistrationBackThatCannotBe) {
  SetUpShop();
  EXPECT_THAT(Register("id", "missing"),
              HasCode(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(Shop().operations[0].key_versions.size(), 1u);
  EXPECT_EQ(Leaves(EventType::kKeyRegistrationFailed), 1);
  EXPECT_OK(Create(Ask(nightly_)));
  ASSERT_OK(signer_.AddKey({"id", "missing", KeyType::kEcP256, "", {}}));
  EXPECT_OK(Register("id", "missing"));
}

TEST_F(KeyLifeFlowTest, KeepsARegistrationThatWaitsForTheToken) {
  SetUpShop();
  ASSERT_OK(signer_.AddKey({"id", "later", KeyType::kEcP256, "", {}}));
  signer_.FailNextMakeKey(1, absl::UnavailableError("token away"));
  EXPECT_THAT(Register("id", "later"), HasCode(absl::StatusCode::kUnavailable));
  EXPECT_EQ(Key(2).state, KeyState::kGenerating);
  ASSERT_OK(*driver_.Run(MakeResumeProductFlow(ProductName{"shop"})));
  EXPECT_EQ(Key(2).state, KeyState::kEnabled);
}

TEST_F(KeyLifeFlowTest, RefusesAKeyThatServesAnotherRule) {
  SetUpShop();
  const KeyVersion first = Key(1);
  EXPECT_THAT(Register(first.key_id, first.label), HasReason("KEY_TAKEN"));
  EXPECT_EQ(Leaves(EventType::kKeyRegistering), 0);
  // The same key under another name shows only when it is found.
  ASSERT_OK(signer_.AddKey({"id", "one", KeyType::kEcP256, "", {}}));
  ASSERT_OK(Register("id", "one"));
  signer_.FailNextMakeKey(0, absl::OkStatus());
  EXPECT_THAT(Register("id", "one"), HasReason("KEY_TAKEN"));
  EXPECT_EQ(Shop().operations[0].key_versions.size(), 2u);
}

TEST_F(KeyLifeFlowTest, NamesWhatIsWrongWithAnExistingKey) {
  SetUpShop();
  EXPECT_THAT(Register("", "label").status().message(), HasSubstr("key_id"));
  EXPECT_THAT(Register("id", "").status().message(), HasSubstr("label"));
  EXPECT_THAT(Register("id", "l", {"nowhere"}).status().message(),
              HasSubstr("main, standby"));
  EXPECT_THAT(Register("id", "l", {"main", "main"}).status().message(),
              HasSubstr("twice"));
  EXPECT_EQ(Leaves(EventType::kKeyRegistering), 0);
}

TEST_F(KeyLifeFlowTest, AnExistingKeyIsTheFirstOfItsProduct) {
  Product product = ProductToBe();
  product.operations[0].existing_key = ExistingKey{"id", "mine", {}};
  ASSERT_OK(Create(product));
  EXPECT_THAT(*driver_.Run(MakeDecideProductFlow(Approval(owner_))),
              HasCode(absl::StatusCode::kFailedPrecondition));
  // The approval went with it, so that it can be repeated.
  EXPECT_FALSE(Shop().decision.has_value());
  EXPECT_TRUE(Shop().operations[0].key_versions.empty());
  ASSERT_OK(signer_.AddKey({"id", "mine", KeyType::kEcP256, "", {"main"}}));
  DecideProduct again = Approval(owner_);
  again.etag = std::to_string(Shop().revision);
  ASSERT_OK(*driver_.Run(MakeDecideProductFlow(again)));
  EXPECT_EQ(Shop().state, ProductState::kActive);
  EXPECT_TRUE(Key(1).registered);
  EXPECT_OK(Create(Ask(nightly_)));
}

// --- Start, switch, end

TEST_F(KeyLifeFlowTest, AScheduledVersionSignsFromItsTimeOn) {
  SetUpShop();
  ASSERT_OK(Rotate(clock_.Now() + absl::Hours(1)));
  ASSERT_OK_AND_ASSIGN(SigningRequest before, Create(Ask(nightly_)));
  EXPECT_EQ(before.key_version, 1);
  ASSERT_OK(Change(KeyVerb::kDisable, 1, admin_));
  EXPECT_THAT(Create(Ask(nightly_)), HasReason("NO_ENABLED_KEY"));
  clock_.Advance(absl::Hours(1));
  ASSERT_OK_AND_ASSIGN(SigningRequest after, Create(Ask(nightly_)));
  EXPECT_EQ(after.key_version, 2);
}

TEST_F(KeyLifeFlowTest, ADisabledVersionStopsAtOnce) {
  SetUpShop();
  ASSERT_OK_AND_ASSIGN(SigningRequest waiting, Create(Ask(ci_)));
  ASSERT_OK(Change(KeyVerb::kDisable, 1, admin_, "lost a smart card"));
  EXPECT_THAT(Detail(EventType::kKeyDisabled, "reason"), HasSubstr("lost"));
  EXPECT_THAT(Create(Ask(nightly_)), HasReason("NO_ENABLED_KEY"));
  ASSERT_OK(Decide(RequestVerb::kApprove, alice_, waiting));
  EXPECT_EQ(Stored(waiting).state, RequestState::kFailed);
  EXPECT_EQ(signer_.jobs(), 0);
  ASSERT_OK(Change(KeyVerb::kEnable, 1, admin_));
  EXPECT_OK(Create(Ask(nightly_)));
}

TEST_F(KeyLifeFlowTest, DestroysAfterTheWaitingPeriodOnly) {
  SetUpShop();
  ASSERT_OK(Rotate());
  const KeyVersion old = Key(1);
  EXPECT_THAT(Change(KeyVerb::kDestroy, 1, admin_, ""),
              HasReason("BAD_REQUEST"));
  ASSERT_OK(Change(KeyVerb::kDestroy, 1, admin_));
  EXPECT_FALSE(HasDueKeys(Shop(), clock_.Now()));
  ASSERT_OK(DestroyDue());
  EXPECT_EQ(Key(1).state, KeyState::kDestroyScheduled);
  clock_.Advance(TestPolicy().key_destroy_delay);
  EXPECT_TRUE(HasDueKeys(Shop(), clock_.Now()));
  driver_.before = [&](const Effect& effect, int) {
    if (std::holds_alternative<DestroyKeyEffect>(effect.next)) {
      EXPECT_EQ(Leaves(EventType::kKeyDestroying), 1);
      EXPECT_EQ(Leaves(EventType::kKeyDestroyed), 0);
    }
  };
  ASSERT_OK(DestroyDue());
  EXPECT_EQ(Leaves(EventType::kKeyDestroyed), 1);
  EXPECT_FALSE(signer_.HasKey("main", RefOf(old)));
  const KeyVersion gone = Key(1);
  EXPECT_EQ(gone.state, KeyState::kDestroyed);
  EXPECT_EQ(gone.spki, old.spki);
  EXPECT_EQ(gone.findings, old.findings);
  for (const KeyVerb verb : {KeyVerb::kDisable, KeyVerb::kEnable,
                             KeyVerb::kDestroy, KeyVerb::kRestore}) {
    EXPECT_THAT(Change(verb, 1, admin_), HasReason("KEY_VERSION_STATE"));
  }
  EXPECT_OK(Create(Ask(nightly_)));  // by version 2
}

TEST_F(KeyLifeFlowTest, ARestoredVersionIsDisabled) {
  SetUpShop();
  ASSERT_OK(Change(KeyVerb::kDestroy, 1, admin_));
  EXPECT_THAT(Create(Ask(nightly_)), HasReason("NO_ENABLED_KEY"));
  ASSERT_OK(Change(KeyVerb::kRestore, 1, admin_));
  EXPECT_EQ(Key(1).state, KeyState::kDisabled);
  EXPECT_FALSE(Key(1).destroy_time.has_value());
  clock_.Advance(absl::Hours(24 * 365));
  EXPECT_FALSE(HasDueKeys(Shop(), clock_.Now()));
}

TEST_F(KeyLifeFlowTest, WhatTheTokenMayHaveDestroyedIsNotRestored) {
  SetUpShop();
  ASSERT_OK(Change(KeyVerb::kDestroy, 1, admin_));
  clock_.Advance(TestPolicy().key_destroy_delay);
  signer_.FailNextDestroyKey(1, absl::UnavailableError("away"));
  EXPECT_THAT(DestroyDue(), HasCode(absl::StatusCode::kUnavailable));
  EXPECT_THAT(Change(KeyVerb::kRestore, 1, admin_),
              HasReason("KEY_VERSION_STATE"));
  ASSERT_OK(DestroyDue());
  EXPECT_EQ(Key(1).state, KeyState::kDestroyed);
  EXPECT_EQ(Leaves(EventType::kKeyDestroying), 1);
}

TEST_F(KeyLifeFlowTest, ACrashWhileDestroyingIsTakenUpAgain) {
  SetUpShop();
  ASSERT_OK(Rotate());
  ASSERT_OK(Change(KeyVerb::kDestroy, 1, admin_));
  ASSERT_OK(Change(KeyVerb::kDestroy, 2, admin_));
  clock_.Advance(TestPolicy().key_destroy_delay);
  for (int crash = 0; crash < 6; ++crash) {
    driver_.crash_at = crash % 3;
    driver_.Run(MakeDestroyDueKeysFlow(ProductName{"shop"}));
  }
  driver_.crash_at.reset();
  ASSERT_OK(DestroyDue());
  EXPECT_EQ(Key(1).state, KeyState::kDestroyed);
  EXPECT_EQ(Key(2).state, KeyState::kDestroyed);
  EXPECT_EQ(Leaves(EventType::kKeyDestroyed), 2);
}

TEST_F(KeyLifeFlowTest, OnlyAdministratorsChangeKeys) {
  SetUpShop();
  for (const KeyVerb verb : {KeyVerb::kDisable, KeyVerb::kEnable,
                             KeyVerb::kDestroy, KeyVerb::kRestore}) {
    EXPECT_THAT(Change(verb, 1, alice_), HasReason("PERMISSION_DENIED"));
    EXPECT_THAT(Change(verb, 1, stranger_), HasReason("RESOURCE_NOT_FOUND"));
    EXPECT_THAT(Change(verb, 9, admin_), HasReason("RESOURCE_NOT_FOUND"));
  }
  EXPECT_EQ(Leaves(EventType::kCallDenied), 12);
}

// --- Limits

TEST_F(KeyLifeFlowTest, NothingIsSignedBeyondTheLimit) {
  SetUpLimitedShop(3);
  CreateRequest two = Ask(nightly_);
  two.content.digests.push_back(two.content.digests[0]);
  ASSERT_OK(Create(two));
  EXPECT_EQ(Key(1).signatures_used, 2);
  two.new_id = base::MakeUuid7(clock_.Now(), random_);
  EXPECT_THAT(Create(two), HasReason("KEY_LIMIT_REACHED"));
  EXPECT_EQ(Leaves(EventType::kRequestCreated), 1);
  ASSERT_OK_AND_ASSIGN(SigningRequest waiting, Create(Ask(ci_)));
  EXPECT_EQ(Key(1).signatures_used, 2);
  ASSERT_OK(Decide(RequestVerb::kApprove, alice_, waiting));
  EXPECT_EQ(Key(1).signatures_used, 3);
  ASSERT_OK_AND_ASSIGN(waiting, Create(Ask(ci_)));
  EXPECT_THAT(Decide(RequestVerb::kApprove, alice_, waiting),
              HasReason("KEY_LIMIT_REACHED"));
  EXPECT_EQ(Stored(waiting).state, RequestState::kPendingApproval);
  EXPECT_EQ(signer_.signed_digests(), 3);
  ASSERT_OK(Rotate());
  EXPECT_OK(Create(Ask(nightly_)));
  EXPECT_EQ(Key(2).signatures_used, 1);
}

TEST_F(KeyLifeFlowTest, ACsrCountsAndStopsAtTheLimit) {
  SetUpLimitedShop(1);
  SignCsr csr;
  csr.caller = admin_;
  csr.key_version = Name(1);
  csr.algorithm = SignatureAlgorithm::kEcdsa;
  csr.digest = std::string(32, 'c');
  ASSERT_OK(*driver_.Run(MakeSignCsrFlow(csr)));
  EXPECT_THAT(*driver_.Run(MakeSignCsrFlow(csr)),
              HasReason("KEY_LIMIT_REACHED"));
  EXPECT_EQ(Leaves(EventType::kCsrSigned), 1);
}

TEST_F(KeyLifeFlowTest, ASecondTryCountsAndFailsWhereNothingIsLeft) {
  SetUpLimitedShop(2);
  const absl::Status lost =
      WithKeyUseUnknown(absl::DeadlineExceededError("no answer"));
  signer_.FailNext(2, lost);
  EXPECT_THAT(Create(Ask(nightly_, "id")), HasReason("SIGNER_UNAVAILABLE"));
  EXPECT_EQ(Leaves(EventType::kSigningInterrupted), 1);
  EXPECT_EQ(Detail(EventType::kSigningInterrupted, "keyUse"), "\"unknown\"");
  ASSERT_OK_AND_ASSIGN(SigningRequest standing, Create(Ask(nightly_, "id")));
  EXPECT_EQ(standing.state, RequestState::kApproved);
  EXPECT_FALSE(driver_.Run(MakeResumeFlow(standing))->ok());
  EXPECT_EQ(Key(1).signatures_used, 2);
  EXPECT_THAT(*driver_.Run(MakeResumeFlow(standing)),
              HasReason("KEY_LIMIT_REACHED"));
  EXPECT_EQ(Stored(standing).state, RequestState::kFailed);
}

// Whatever happens, no more is counted and signed than the limit allows, a
// disabled version signs nothing, and a destroyed one never comes back.
TEST_F(KeyLifeFlowTest, HoldsItsLimitsInRandomHistories) {
  SetUpLimitedShop(20);
  std::set<int64_t> destroyed;
  for (int step = 0; step < 600; ++step) {
    const auto pick = static_cast<unsigned char>(random_.Bytes(1)[0]) % 16;
    const auto newest =
        static_cast<int64_t>(Shop().operations[0].key_versions.size());
    const int64_t any =
        1 + static_cast<unsigned char>(random_.Bytes(1)[0]) % newest;
    if (pick == 0 && newest < 12) {
      ASSERT_OK(Rotate());
    } else if (pick < 5) {
      Change(static_cast<KeyVerb>(pick - 1), any, admin_)
          .status()
          .IgnoreError();
    } else if (pick == 5) {
      clock_.Advance(TestPolicy().key_destroy_delay);
      ASSERT_OK(DestroyDue());
    } else {
      if (pick == 6) {
        signer_.FailNext(1, WithKeyUseUnknown(absl::UnavailableError("away")));
      }
      const KeyVersion* signing = Shop().operations[0].SigningKey(clock_.Now());
      const auto request = Create(Ask(nightly_));
      EXPECT_TRUE(signing != nullptr || !request.ok());
      if (request.ok()) {
        EXPECT_EQ(destroyed.count(request->key_version), 0u);
      }
      signer_.FailNext(0, absl::OkStatus());
    }
    const Product shop = Shop();
    for (const KeyVersion& key : shop.operations[0].key_versions) {
      ASSERT_LE(key.signatures_used, 20);
      if (key.state == KeyState::kDestroyed) destroyed.insert(key.name.version);
      ASSERT_EQ(destroyed.count(key.name.version) != 0,
                key.state == KeyState::kDestroyed);
    }
  }
  EXPECT_GT(destroyed.size(), 0u);
}

// --- Room, tokens, uses, messages

TEST_F(KeyLifeFlowTest, RecordsNothingWhereThereIsNoRoom) {
  SetUpShop();
  ASSERT_OK_AND_ASSIGN(SigningRequest waiting, Create(Ask(ci_)));
  signer_.SetRoom(absl::ResourceExhaustedError("too much waits"));
  EXPECT_THAT(Create(Ask(nightly_)),
              HasCode(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(Leaves(EventType::kRequestCreated), 1);
  // People are not turned away: neither who asks them nor they themselves.
  EXPECT_OK(Create(Ask(ci_)));
  ASSERT_OK(Decide(RequestVerb::kApprove, alice_, waiting));
  EXPECT_EQ(Stored(waiting).state, RequestState::kSigned);
}

TEST_F(KeyLifeFlowTest, SaysWhichTokenSignedAndHowOftenTheKeyWasUsed) {
  SetUpShop();
  ASSERT_OK(Create(Ask(nightly_)));
  EXPECT_EQ(Detail(EventType::kRequestSigned, "token"), "\"main\"");
  EXPECT_EQ(Detail(EventType::kRequestSigned, "keyUses"), "");
  signer_.UseMoreOften(1, 3);
  ASSERT_OK(Create(Ask(nightly_)));
  EXPECT_EQ(Detail(EventType::kRequestSigned, "keyUses"), "3");
}

TEST_F(KeyLifeFlowTest, AFinalErrorAfterAUseFailsTheRequestAndSaysBoth) {
  SetUpShop();
  signer_.FailNext(1, WithKeyUseUnknown(absl::InternalError("wrong")));
  EXPECT_FALSE(Create(Ask(nightly_)).ok());
  EXPECT_EQ(Leaves(EventType::kSigningInterrupted), 1);
  EXPECT_EQ(Leaves(EventType::kRequestFailed), 1);
}

TEST_F(KeyLifeFlowTest, SignsMessagesAndRecordsTheirDigests) {
  Product product = ProductToBe();
  product.operations[0].key_type = KeyType::kEd25519;
  product.operations[0].allowed_hashes = {HashAlgorithm::kUnhashed};
  product.operations[0].allowed_algorithms = {SignatureAlgorithm::kEd25519};
  ASSERT_OK(Create(product));
  ASSERT_OK(*driver_.Run(MakeDecideProductFlow(Approval(owner_))));
  CreateRequest input = Ask(nightly_);
  input.content.algorithm = SignatureAlgorithm::kEd25519;
  EXPECT_THAT(Create(input), HasReason("BAD_REQUEST"));
  input.content.hash = HashAlgorithm::kUnhashed;
  input.content.digests = {{"note", "hello"}, {"", ""}};
  ASSERT_OK_AND_ASSIGN(SigningRequest request, Create(input));
  EXPECT_EQ(request.signatures.size(), 2u);
  const std::string digests = Detail(EventType::kRequestCreated, "digests");
  EXPECT_THAT(digests, HasSubstr(R"("messageSize":5)"));
  EXPECT_THAT(digests, testing::Not(HasSubstr("hello")));
  EXPECT_EQ(Stored(request).content.digests[0].value, "hello");
}

}  // namespace
}  // namespace countersign::core
