// Who is let in while the signer has much to do, and that he is signed: the
// pipeline with a signer of bounded queue.
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/status_matchers.h"
#include "core/event.h"
#include "core/flows.h"
#include "core/sample_values.h"
#include "gtest/gtest.h"
#include "server/pipeline/pipeline.h"
#include "server/pipeline/pipeline_fixture.h"

namespace countersign::server {
namespace {

using base::HasReason;
using core::Effect;

constexpr size_t kBound = 10;

class AdmissionTest : public PipelineFixture {
 protected:
  AdmissionTest() {
    core::ChangeSet changes;
    changes.products.push_back(ProductWithRealKey());
    EXPECT_OK(store_.Commit({changes}));
    signer_.SetBound(kBound);
  }
  // Answers are written down here.
  ~AdmissionTest() override { End(); }

  core::Product ProductWithRealKey() {
    core::Product product = core::SampleProduct();
    product.operations.resize(1);
    core::Operation& operation = product.operations[0];
    operation.key_type = core::KeyType::kEcP256;
    operation.allowed_hashes = {core::HashAlgorithm::kSha256};
    operation.allowed_algorithms = {core::SignatureAlgorithm::kEcdsa};
    core::KeyVersion& key = operation.key_versions[0];
    key.type = core::KeyType::kEcP256;
    key.tokens = {"main"};
    core::KeyRef ref = core::RefOf(key);
    ref.spki.clear();
    key.spki = signer_.MakeKey(ref)->spki;
    key_ = core::RefOf(key);
    return product;
  }

  core::SignJob Job(size_t digests) {
    core::SignJob job;
    job.key = key_;
    job.algorithm = core::SignatureAlgorithm::kEcdsa;
    job.digests.resize(digests, std::string(32, 'd'));
    job.deadline = absl::InfiniteFuture();
    return job;
  }
  // Of one digest, by somebody in `group`: "release" needs nobody's agreement.
  core::FlowPtr Ask(int number, const std::string& group = "release") {
    core::CreateRequest input;
    input.caller = core::Person("pipeline", {group});
    input.content.operation = {{"sample"}, "digest"};
    input.content.hash = core::HashAlgorithm::kSha256;
    input.content.algorithm = core::SignatureAlgorithm::kEcdsa;
    input.content.digests = core::SampleDigests(1, input.content.hash);
    input.new_id = core::SampleUuid(number);
    return core::MakeCreateRequestFlow(std::move(input));
  }
  // Their answers, in the order in which they came.
  void RunCrowd(int first, int last) {
    for (int i = first; i < last; ++i) {
      pipeline_->Run(Ask(i), [this](core::Answer answer) {
        base::MutexLock lock(mutex_);
        answers_.push_back(std::move(answer));
      });
    }
  }
  // How many answers say `reason`; "" for OK.
  int CountAnswers(const std::string& reason) {
    base::MutexLock lock(mutex_);
    int count = 0;
    for (const core::Answer& answer : answers_) {
      count += base::GetReason(answer.status()) == reason ? 1 : 0;
    }
    return count;
  }
  size_t CountRequests(core::RequestState state) {
    core::RequestQuery query;
    query.limit = 1000;
    query.states = {state};
    return store_.ListRequests(query)->items.size();
  }
  bool Drain() { return pipeline_->Drain(absl::Seconds(10)); }

  core::KeyRef key_;
  base::Mutex mutex_;
  std::vector<core::Answer> answers_ ABSL_GUARDED_BY(mutex_);
};

TEST_F(AdmissionTest, ACrowdDuringOneCommitIsLetInToTheBoundAndThenSigned) {
  signer_.Hold();
  RunCrowd(0, 100);
  // Refusals are there before anything is durable.
  EXPECT_EQ(CountAnswers("OVERLOADED"), 90);
  EXPECT_EQ(signer_.reserved(), kBound);
  StartLoops();
  while (signer_.waiting() < kBound) std::this_thread::yield();
  EXPECT_EQ(signer_.reserved(), 0u);
  // What waits now counts as what was coming.
  RunCrowd(100, 150);
  EXPECT_EQ(CountAnswers("OVERLOADED"), 140);
  signer_.Release();
  ASSERT_TRUE(Drain());
  End();
  EXPECT_EQ(CountAnswers(""), 10);
  EXPECT_EQ(CountRequests(core::RequestState::kSigned), 10u);
  EXPECT_EQ(CountRequests(core::RequestState::kApproved), 0u);
  EXPECT_EQ(signer_.reserved(), 0u);
}

TEST_F(AdmissionTest, WhoWasLetInIsSignedAlsoWhereApproversFillTheQueue) {
  signer_.Hold();
  RunCrowd(0, 20);
  for (size_t i = 0; i < 2 * kBound; ++i) {
    core::SignJob job = Job(1);
    job.priority = true;
    signer_.Sign(std::move(job), [](const core::SignResult&) {});
  }
  StartLoops();
  while (signer_.waiting() < 3 * kBound &&
         CountAnswers("SIGNER_UNAVAILABLE") == 0) {
    std::this_thread::yield();
  }
  RunCrowd(20, 21);
  signer_.Release();
  ASSERT_TRUE(Drain());
  End();
  EXPECT_EQ(CountAnswers(""), 10);
  EXPECT_EQ(CountAnswers("OVERLOADED"), 11);
  EXPECT_EQ(CountRequests(core::RequestState::kApproved), 0u);
}

TEST_F(AdmissionTest, WhatNeedsPeopleNeedsNoRoom) {
  signer_.Hold();
  RunCrowd(0, 10);
  int pending = 0;
  for (int i = 10; i < 40; ++i) {
    pipeline_->Run(Ask(i, "ci"), [&pending](const core::Answer& answer) {
      pending += answer.ok() ? 1 : 0;
    });
  }
  EXPECT_EQ(signer_.reserved(), kBound);
  StartLoops();
  while (signer_.waiting() < kBound) std::this_thread::yield();
  signer_.Release();
  ASSERT_TRUE(Drain());
  End();
  EXPECT_EQ(pending, 30);
  EXPECT_EQ(CountRequests(core::RequestState::kPendingApproval), 30u);
}

TEST_F(AdmissionTest, ManyCallersAreSignedOrRefusedAndNothingBetween) {
  StartLoops();
  std::vector<std::thread> callers;
  for (int t = 0; t < 2 * static_cast<int>(kBound); ++t) {
    callers.emplace_back([this, t] {
      for (int i = 0; i < 20; ++i) {
        core::Answer answer = pipeline_->Call(Ask(1000 * t + i));
        base::MutexLock lock(mutex_);
        answers_.push_back(std::move(answer));
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  ASSERT_TRUE(Drain());
  EXPECT_EQ(CountAnswers("") + CountAnswers("OVERLOADED"), 400);
  EXPECT_EQ(CountRequests(core::RequestState::kSigned),
            static_cast<size_t>(CountAnswers("")));
  EXPECT_EQ(CountRequests(core::RequestState::kApproved), 0u);
  EXPECT_EQ(signer_.reserved(), 0u);
}

TEST_F(AdmissionTest, WhatAFullSignerRefusesStaysApprovedAndIsNotCalledAway) {
  StartLoops();
  signer_.FailNext(1, absl::ResourceExhaustedError("full"));
  const core::Answer answer = pipeline_->Call(Ask(1));
  EXPECT_THAT(answer, HasReason("SIGNER_UNAVAILABLE"));
  EXPECT_EQ(answer.status().message().find("away"), std::string::npos)
      << answer.status();
  EXPECT_EQ(CountRequests(core::RequestState::kApproved), 1u);
}

// --- Room never leaks: every way in which a flow that has it can end.

// What a flow does after its first commit, which needs room; the last step is
// repeated.
class PathFlow final : public core::Flow {
 public:
  using Step = std::function<Effect()>;
  PathFlow(core::KeyRef key, std::vector<Step> steps)
      : key_(std::move(key)), steps_(std::move(steps)) {}

  core::ProductName product() const override { return {"sample"}; }
  Effect Start(const core::World&) override { return Commit(3); }
  Effect OnCommitted(const absl::StatusOr<core::CommitOutcome>& outcome,
                     const core::World&) override {
    if (!outcome.ok()) return End(outcome.status());
    return steps_[std::min(next_++, steps_.size() - 1)]();
  }
  Effect OnSigned(core::SignResult result, const core::World&) override {
    return End(result.status());
  }
  Effect OnKeyMade(absl::StatusOr<core::KeyReport> report,
                   const core::World&) override {
    return End(report.status());
  }
  Effect OnKeyDestroyed(absl::Status status, const core::World&) override {
    return End(std::move(status));
  }

  // Needs room for `digests`, where there are any.
  Effect Commit(size_t digests) const {
    core::CommitEffect commit;
    commit.changes.events.push_back(
        core::SampleEvent(core::EventType::kCallDenied, "ann", "x"));
    if (digests > 0) commit.need = core::SignNeed{key_, digests};
    return {std::nullopt, std::move(commit)};
  }
  static Effect End(absl::Status status) {
    if (status.ok()) return {core::Answer(std::string("done")), {}};
    return {core::Answer(std::move(status)), {}};
  }

 private:
  const core::KeyRef key_;
  const std::vector<Step> steps_;
  size_t next_ = 0;
};

class RoomLeakTest : public AdmissionTest {
 protected:
  core::SignJob Job() { return AdmissionTest::Job(3); }
  Effect Sign(core::SignJob job) {
    return {std::nullopt, core::SignEffect{std::move(job)}};
  }
  Effect Commit(size_t digests) { return PathFlow(key_, {}).Commit(digests); }
  // Sees the room that is held, then goes on with `effect`.
  PathFlow::Step At(size_t reserved, std::function<Effect()> effect) {
    return [this, reserved, effect = std::move(effect)] {
      EXPECT_EQ(signer_.reserved(), reserved);
      return effect();
    };
  }
  // The answer of a flow with these steps; nothing is reserved after it.
  absl::Status Take(std::vector<PathFlow::Step> steps) {
    EXPECT_EQ(signer_.reserved(), 0u);
    const absl::Status status =
        pipeline_->Call(std::make_unique<PathFlow>(key_, std::move(steps)))
            .status();
    EXPECT_TRUE(Drain());
    EXPECT_EQ(signer_.reserved(), 0u);
    return status;
  }
  absl::Status TakeSigning(core::SignJob job) {
    return Take({At(3, [this, job] { return Sign(job); })});
  }
};

TEST_F(RoomLeakTest, WhereItEndsWithoutSigning) {
  StartLoops();
  const auto end = [] { return PathFlow::End(absl::AbortedError("lost")); };
  EXPECT_TRUE(absl::IsAborted(Take({At(3, end)})));
  // It waits for people after all.
  EXPECT_OK(Take({At(3, [this] { return Commit(0); }),
                  At(0, [] { return PathFlow::End(absl::OkStatus()); })}));
  EXPECT_OK(Take({At(3, [this] {
    return Effect{std::nullopt, core::MakeKeyEffect{key_, true}};
  })}));
  EXPECT_OK(Take({At(3, [this] {
    return Effect{std::nullopt, core::DestroyKeyEffect{key_}};
  })}));
}

TEST_F(RoomLeakTest, WhereTheRecordFails) {
  StartLoops();
  store_.FailNextCommits(1, absl::InternalError("disk"));
  EXPECT_THAT(Take({}), HasReason("RECORD_UNAVAILABLE"));
}

TEST_F(RoomLeakTest, WhereItIsSignedOrTheSignerRefuses) {
  StartLoops();
  EXPECT_OK(TakeSigning(Job()));
  core::SignJob wrong = Job();
  wrong.digests.clear();
  EXPECT_FALSE(TakeSigning(wrong).ok());
  core::SignJob late = Job();
  late.deadline = clock_.Now();
  EXPECT_TRUE(absl::IsDeadlineExceeded(TakeSigning(late)));
  signer_.FailNext(1, absl::UnavailableError("away"));
  EXPECT_TRUE(absl::IsUnavailable(TakeSigning(Job())));
}

TEST_F(RoomLeakTest, WhoDecidesAgainKeepsHisPlace) {
  StartLoops();
  // There is no second one to be had.
  signer_.SetBound(3);
  EXPECT_OK(Take({At(3, [this] { return Commit(3); }),
                  At(3, [this] { return Commit(3); }),
                  At(3, [this] { return Sign(Job()); })}));
}

TEST_F(RoomLeakTest, WhereTheServerStops) {
  StartLoops();
  pipeline_->AbandonSigning();
  EXPECT_TRUE(absl::IsUnavailable(TakeSigning(Job())));
  End();
  // The record takes no more.
  const auto flow = [this] {
    return std::make_unique<PathFlow>(
        key_, std::vector<PathFlow::Step>{[this] { return Sign(Job()); }});
  };
  pipeline_->Run(flow(), [](const core::Answer&) {});
  EXPECT_EQ(signer_.reserved(), 0u);
}

TEST_F(RoomLeakTest, WhereNobodyEverCommits) {
  RunCrowd(0, 5);
  EXPECT_EQ(signer_.reserved(), 5u);
  pipeline_ = nullptr;
  EXPECT_EQ(signer_.reserved(), 0u);
}

}  // namespace
}  // namespace countersign::server
