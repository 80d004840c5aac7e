#include "server/pipeline/sweeper.h"

#include <utility>
#include <vector>

#include "base/status_matchers.h"
#include "core/event.h"
#include "core/flows.h"
#include "core/sample_values.h"
#include "gtest/gtest.h"
#include "server/pipeline/pipeline_fixture.h"

namespace countersign::server {
namespace {

constexpr int64_t kMaxFlows = 8;

class SweeperTest : public PipelineFixture {
 protected:
  SweeperTest()
      : sweeper_(store_, signer_, clock_, *pipeline_, products_,
                 {"main", kMaxFlows}) {
    StartLoops();
    core::ChangeSet changes;
    changes.products.push_back(ProductWithRealKeys());
    EXPECT_OK(pipeline_->Commit(std::move(changes)));
  }
  // What the flows tell, they tell the sweeper.
  ~SweeperTest() override { End(); }

  // The sample product, its keys in the fake token.
  core::Product ProductWithRealKeys() {
    core::Product product = core::SampleProduct();
    for (core::Operation& operation : product.operations) {
      operation.key_versions.resize(1);
      for (core::KeyVersion& key : operation.key_versions) {
        core::KeyRef ref = core::RefOf(key);
        ref.spki.clear();
        ref.tokens.resize(1);
        const auto report = signer_.MakeKey(ref);
        EXPECT_OK(report);
        if (report.ok()) key.spki = report->spki;
      }
    }
    return product;
  }

  void Insert(core::SigningRequest request) {
    core::ChangeSet changes;
    changes.requests.push_back(std::move(request));
    ASSERT_OK(store_.Commit({changes}));
  }
  // As a crash between the two commits leaves it: nobody has to agree.
  core::SigningRequest Approved(int number) {
    core::SigningRequest request = core::SampleRequest(number);
    request.rule.blanket_groups = request.requester.groups;
    request.state = core::RequestState::kApproved;
    request.key_version = 1;
    request.content.hash = core::HashAlgorithm::kSha256;
    request.content.algorithm = core::SignatureAlgorithm::kRsassaPkcs1V15;
    request.content.encoding = core::SignatureEncoding::kRaw;
    request.content.digests = core::SampleDigests(2, request.content.hash);
    return request;
  }
  // Of the key that signs `request`.
  void SetTokens(const core::SigningRequest& request,
                 std::vector<std::string> tokens) {
    ASSERT_OK_AND_ASSIGN(core::Product product,
                         store_.GetProduct(request.name.operation.product));
    product.FindOperation(request.name.operation.operation)
        ->key_versions[0]
        .tokens = std::move(tokens);
    ++product.revision;
    core::ChangeSet changes;
    changes.products.push_back(std::move(product));
    ASSERT_OK(pipeline_->Commit(std::move(changes)));
  }
  core::RequestState StateOf(const core::SigningRequest& request) {
    const auto now = store_.GetRequest(request.name);
    SCOPED_TRACE(now->state_reason);
    EXPECT_NE(now->state, core::RequestState::kFailed);
    return now->state;
  }
  void Tick() {
    sweeper_.Tick();
    ASSERT_TRUE(pipeline_->Drain(absl::Seconds(10)));
    // Answers leave in order: when this one is here, the others are told.
    pipeline_
        ->Call(core::MakeDenialFlow(core::ServerPrincipal(), "test", "test",
                                    absl::NotFoundError("")))
        .status()
        .IgnoreError();
  }
  int Count(core::EventType type) {
    int count = 0;
    for (const core::Event& event : store_.events()) {
      count += event.type == type ? 1 : 0;
    }
    return count;
  }

  Sweeper sweeper_;
};

TEST_F(SweeperTest, ExpiresWhatNobodyDecidedInTime) {
  core::SigningRequest late = core::SampleRequest(1);
  late.expire_time = clock_.Now() - absl::Seconds(1);
  core::SigningRequest fresh = core::SampleRequest(2);
  fresh.expire_time = clock_.Now() + absl::Hours(1);
  Insert(late);
  Insert(fresh);
  Tick();
  EXPECT_EQ(StateOf(late), core::RequestState::kExpired);
  EXPECT_EQ(StateOf(fresh), core::RequestState::kPendingApproval);
  EXPECT_EQ(Count(core::EventType::kRequestExpired), 1);
}

TEST_F(SweeperTest, ExpiresWhileTheTokenIsAway) {
  signer_.SetHealth({false, "away", {}});
  core::SigningRequest late = core::SampleRequest(1);
  late.expire_time = clock_.Now() - absl::Seconds(1);
  Insert(late);
  Tick();
  EXPECT_EQ(StateOf(late), core::RequestState::kExpired);
}

TEST_F(SweeperTest, SignsWhatACrashLeftApproved) {
  const core::SigningRequest request = Approved(1);
  Insert(request);
  Tick();
  EXPECT_EQ(StateOf(request), core::RequestState::kSigned);
  EXPECT_EQ(Count(core::EventType::kSigningResumed), 1);
  Tick();
  EXPECT_EQ(Count(core::EventType::kSigningResumed), 1);
}

TEST_F(SweeperTest, WaitsForTheTokenBeforeItResumes) {
  const core::SigningRequest request = Approved(1);
  Insert(request);
  signer_.SetHealth({false, "away", {}});
  Tick();
  EXPECT_EQ(StateOf(request), core::RequestState::kApproved);
  EXPECT_EQ(Count(core::EventType::kSigningResumed), 0);
  signer_.SetHealth({true, "", {}});
  Tick();
  EXPECT_EQ(StateOf(request), core::RequestState::kSigned);
}

TEST_F(SweeperTest, PausesLongerAfterEachFailure) {
  const core::SigningRequest request = Approved(1);
  Insert(request);
  signer_.FailNext(3, absl::UnavailableError("away"));
  Tick();
  Tick();  // at once: too early
  EXPECT_EQ(Count(core::EventType::kSigningResumed), 1);
  clock_.Advance(absl::Milliseconds(1001));
  Tick();
  EXPECT_EQ(Count(core::EventType::kSigningResumed), 2);
  clock_.Advance(absl::Milliseconds(1001));
  Tick();  // the second pause is two seconds
  EXPECT_EQ(Count(core::EventType::kSigningResumed), 2);
  clock_.Advance(absl::Milliseconds(1001));
  Tick();
  EXPECT_EQ(Count(core::EventType::kSigningResumed), 3);
  clock_.Advance(absl::Seconds(5));
  Tick();
  EXPECT_EQ(StateOf(request), core::RequestState::kSigned);
}

// "main" holds the key of operation "digest".
core::SignerHealth Health(bool main, bool standby) {
  return {main || standby,
          "",
          {{"main", main, "", 0}, {"standby", standby, "", 0}}};
}

TEST_F(SweeperTest, TriesAgainASecondAfterTheLastTryWhenATokenIsBack) {
  const core::SigningRequest request = Approved(1);
  Insert(request);
  signer_.FailNext(4, absl::UnavailableError("away"));
  for (int i = 0; i < 4; ++i) {  // pauses of 1, 2, 4 and 8 seconds
    Tick();
    clock_.Advance(absl::Milliseconds(i == 3 ? 1 : 4001));
  }
  signer_.SetHealth({false, "away", {}});
  Tick();
  signer_.SetHealth({true, "", {}});
  Tick();  // back, but tried just now
  EXPECT_EQ(StateOf(request), core::RequestState::kApproved);
  clock_.Advance(absl::Seconds(1));
  Tick();
  EXPECT_EQ(StateOf(request), core::RequestState::kSigned);
}

TEST_F(SweeperTest, WaitsForATokenOfTheKeyNotForAll) {
  const core::SigningRequest request = Approved(1);
  SetTokens(request, {"main"});
  Insert(request);
  signer_.SetHealth(Health(false, true));
  Tick();
  EXPECT_EQ(Count(core::EventType::kSigningResumed), 0);
  signer_.SetHealth(Health(true, false));
  Tick();
  EXPECT_EQ(StateOf(request), core::RequestState::kSigned);
}

TEST_F(SweeperTest, TakesTheDefaultTokenWhereTheKeyNamesNone) {
  const core::SigningRequest request = Approved(1);
  SetTokens(request, {});
  Insert(request);
  signer_.SetHealth(Health(false, true));
  Tick();
  EXPECT_EQ(Count(core::EventType::kSigningResumed), 0);
  signer_.SetHealth(Health(true, true));
  Tick();
  EXPECT_EQ(Count(core::EventType::kSigningResumed), 1);
}

TEST_F(SweeperTest, LeavesWhatTheQueueHasNoRoomFor) {
  const core::SigningRequest request = Approved(1);
  Insert(request);
  signer_.SetRoom(absl::ResourceExhaustedError("full"));
  Tick();
  EXPECT_EQ(Count(core::EventType::kSigningResumed), 0);
  signer_.SetRoom(absl::OkStatus());
  Tick();
  EXPECT_EQ(StateOf(request), core::RequestState::kSigned);
}

TEST_F(SweeperTest, LeavesRoomForFlowsOfCallers) {
  for (int i = 1; i <= 3 * kMaxFlows; ++i) Insert(Approved(i));
  signer_.Hold();
  sweeper_.Tick();
  EXPECT_LE(pipeline_->in_flight(), kMaxFlows);
  signer_.Release();
  for (int i = 0; i < 10; ++i) Tick();
  for (int i = 1; i <= 3 * kMaxFlows; ++i) {
    EXPECT_EQ(StateOf(Approved(i)), core::RequestState::kSigned) << i;
  }
}

TEST_F(SweeperTest, DestroysKeysThatAreDueAndNoOthers) {
  core::Product product = core::SampleProduct("doomed");
  for (core::Operation& operation : product.operations) {
    operation.key_versions.resize(1);
    for (core::KeyVersion& key : operation.key_versions) {
      key.state = core::KeyState::kDisabled;
      key.chain.reset();
    }
  }
  core::KeyVersion& due = product.operations[0].key_versions[0];
  due.state = core::KeyState::kDestroyScheduled;
  due.destroy_time = clock_.Now() + absl::Seconds(1);
  due.destroying = false;
  due.tokens = {"main"};
  core::KeyRef ref = core::RefOf(due);
  ref.spki.clear();
  ASSERT_OK_AND_ASSIGN(const core::KeyReport report, signer_.MakeKey(ref));
  due.spki = report.spki;
  core::ChangeSet changes;
  changes.products.push_back(product);
  ASSERT_OK(store_.Commit({changes}));
  Tick();
  EXPECT_TRUE(signer_.HasKey("main", ref));
  clock_.Advance(absl::Seconds(1));
  Tick();
  EXPECT_FALSE(signer_.HasKey("main", ref));
  ASSERT_OK_AND_ASSIGN(const core::Product now,
                       store_.GetProduct(product.name));
  EXPECT_EQ(now.operations[0].key_versions[0].state,
            core::KeyState::kDestroyed);
  EXPECT_EQ(now.operations[1].key_versions[0].state, core::KeyState::kDisabled);
}

TEST_F(SweeperTest, MakesTheKeysThatACrashLeftIntended) {
  core::Product product = core::SampleProduct("crashed");
  product.state = core::ProductState::kPendingApproval;
  product.decision = core::ProductDecision{
      core::Person("ann", {"product-approvers"}), "", core::SampleTime()};
  for (core::Operation& operation : product.operations) {
    operation.key_versions.resize(1);
    core::KeyVersion& key = operation.key_versions[0];
    key.state = core::KeyState::kGenerating;
    key.registered = false;
    key.tokens = {"main"};
    key.spki.clear();
    key.chain.reset();
  }
  core::ChangeSet changes;
  changes.products.push_back(product);
  ASSERT_OK(store_.Commit({changes}));
  Tick();
  ASSERT_OK_AND_ASSIGN(const core::Product now,
                       store_.GetProduct(product.name));
  // As it was asked for: enabled or not, but no longer pending.
  EXPECT_EQ(now.state, now.enabled_on_approval ? core::ProductState::kActive
                                               : core::ProductState::kDisabled);
  EXPECT_FALSE(MakesKeys(now));
}

TEST_F(SweeperTest, SurvivesAStoreThatCannotBeRead) {
  store_.FailNextReads(10, absl::InternalError("disk"));
  Tick();
}

}  // namespace
}  // namespace countersign::server
