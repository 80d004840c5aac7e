#include "server/pipeline/pipeline.h"

#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/status_matchers.h"
#include "core/event.h"
#include "core/sample_values.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/pipeline/pipeline_fixture.h"

namespace countersign::server {
namespace {

using base::HasReason;
using core::Effect;
using core::World;

core::Effect AnswerNow(core::Answer answer) {
  return Effect{std::move(answer), core::DoneEffect{}};
}

core::Effect CommitOf(core::ChangeSet changes) {
  return Effect{std::nullopt,
                core::CommitEffect{std::move(changes), std::nullopt}};
}

core::ChangeSet OneEvent(const std::string& resource) {
  core::ChangeSet changes;
  changes.events.push_back(
      core::SampleEvent(core::EventType::kCallDenied, "ann", resource));
  return changes;
}

// A flow whose steps are given by the test.
class ScriptedFlow final : public core::Flow {
 public:
  core::ProductName product_name;
  bool is_priority = false;
  std::function<Effect(const World&)> on_start;
  std::function<Effect(const absl::StatusOr<core::CommitOutcome>&,
                       const World&)>
      on_committed;
  std::function<Effect(core::SignResult, const World&)> on_signed;
  std::function<Effect(absl::StatusOr<core::KeyReport>, const World&)>
      on_key_made;
  std::function<Effect(absl::Status, const World&)> on_key_destroyed;

  core::ProductName product() const override { return product_name; }
  bool priority() const override { return is_priority; }
  Effect Start(const World& world) override { return on_start(world); }
  Effect OnCommitted(const absl::StatusOr<core::CommitOutcome>& outcome,
                     const World& world) override {
    return on_committed(outcome, world);
  }
  Effect OnSigned(core::SignResult result, const World& world) override {
    return on_signed(std::move(result), world);
  }
  Effect OnKeyMade(absl::StatusOr<core::KeyReport> report,
                   const World& world) override {
    return on_key_made(std::move(report), world);
  }
  Effect OnKeyDestroyed(absl::Status status, const World& world) override {
    return on_key_destroyed(std::move(status), world);
  }
};

// Records one leaf, then answers its resource.
std::unique_ptr<ScriptedFlow> RecordingFlow(const std::string& resource) {
  auto flow = std::make_unique<ScriptedFlow>();
  flow->on_start = [resource](const World&) {
    return CommitOf(OneEvent(resource));
  };
  flow->on_committed = [resource](
                           const absl::StatusOr<core::CommitOutcome>& outcome,
                           const World&) {
    if (!outcome.ok()) return AnswerNow(outcome.status());
    return AnswerNow(core::Resource(resource));
  };
  return flow;
}

// The same, and it needs room for `digests`.
std::unique_ptr<ScriptedFlow> NeedyFlow(size_t digests) {
  auto flow = RecordingFlow("x");
  flow->on_start = [digests](const World&) {
    return Effect{std::nullopt,
                  core::CommitEffect{OneEvent("x"),
                                     core::SignNeed{core::KeyRef(), digests}}};
  };
  return flow;
}

// Answers the public key, or the error.
Effect AnswerKey(absl::StatusOr<core::KeyReport> report, const World&) {
  if (!report.ok()) return AnswerNow(report.status());
  return AnswerNow(core::Resource(report->spki));
}

class PipelineTest : public PipelineFixture {
 protected:
  explicit PipelineTest(const Pipeline::Options& options = {})
      : PipelineFixture(options) {
    StartLoops();
  }

  static core::KeyRef NoKey() {
    return {"id", "label", core::KeyType::kEcP256, "", {}};
  }
  // A key in the fake token.
  core::KeyRef MakeKey() {
    core::KeyRef key = NoKey();
    key.spki = signer_.MakeKey(key)->spki;
    return key;
  }
  core::SignJob Job(int digests = 1) {
    core::SignJob job;
    job.key = MakeKey();
    job.algorithm = core::SignatureAlgorithm::kEcdsa;
    for (int i = 0; i < digests; ++i) {
      job.digests.push_back(std::string(32, 'd'));
    }
    job.deadline = absl::InfiniteFuture();
    return job;
  }
  // Signs, then answers "signed" or the error.
  std::unique_ptr<ScriptedFlow> SigningFlow() {
    auto flow = std::make_unique<ScriptedFlow>();
    flow->on_start = [job = Job()](const World&) {
      return Effect{std::nullopt, core::SignEffect{job}};
    };
    flow->on_signed = [](core::SignResult result, const World&) {
      if (!result.ok()) return AnswerNow(result.status());
      return AnswerNow(core::Resource(std::string("signed")));
    };
    return flow;
  }
};

class NarrowPipelineTest : public PipelineTest {
 protected:
  NarrowPipelineTest() : PipelineTest(Narrow()) {}
  static Pipeline::Options Narrow() {
    Pipeline::Options options;
    options.max_in_flight = 1;
    return options;
  }
};

TEST_F(PipelineTest, AnswersFromTheCallersThreadWhatTheFirstStepKnows) {
  auto flow = std::make_unique<ScriptedFlow>();
  flow->on_start = [](const World&) {
    return AnswerNow(absl::InvalidArgumentError("shape"));
  };
  std::optional<std::thread::id> answered_by;
  pipeline_->Run(std::move(flow), [&](const core::Answer&) {
    answered_by = std::this_thread::get_id();
  });
  EXPECT_EQ(answered_by, std::this_thread::get_id());
}

TEST_F(PipelineTest, AnswersNeverFromTheWriter) {
  std::thread::id writer;
  std::thread::id answerer;
  auto flow = RecordingFlow("x");
  flow->on_committed = [&](const absl::StatusOr<core::CommitOutcome>&,
                           const World&) {
    writer = std::this_thread::get_id();
    return AnswerNow(core::Resource(std::string()));
  };
  pipeline_->Run(std::move(flow), [&](const core::Answer&) {
    answerer = std::this_thread::get_id();
  });
  ASSERT_TRUE(pipeline_->Drain(absl::Seconds(10)));
  End();
  EXPECT_NE(writer, answerer);
  EXPECT_NE(writer, std::thread::id());
}

TEST_F(PipelineTest, RecordsBeforeItAnswers) {
  const core::Answer answer = pipeline_->Call(RecordingFlow("x"));
  ASSERT_OK(answer);
  EXPECT_EQ(store_.events().size(), 1u);
}

TEST_F(PipelineTest, TellsAFlowThatTheRecordFailedAsAWhole) {
  store_.FailNextCommits(1, absl::InternalError("disk"));
  EXPECT_THAT(pipeline_->Call(RecordingFlow("x")),
              HasReason("RECORD_UNAVAILABLE"));
  EXPECT_TRUE(store_.events().empty());
}

TEST_F(PipelineTest, ServesManyCallersAtOnce) {
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([this] {
      for (int n = 0; n < 50; ++n) {
        EXPECT_OK(pipeline_->Call(RecordingFlow("x")));
        EXPECT_OK(pipeline_->Call(SigningFlow()));
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(store_.events().size(), 400u);
  EXPECT_TRUE(pipeline_->Drain(absl::Seconds(10)));
  EXPECT_EQ(pipeline_->digests_at_signer(), 0);
}

TEST_F(PipelineTest, SignsWithADeadline) {
  EXPECT_OK(pipeline_->Call(SigningFlow()));
  signer_.Hold();
  std::optional<core::Answer> answer;
  pipeline_->Run(SigningFlow(), [&](core::Answer a) { answer = std::move(a); });
  clock_.Advance(absl::Seconds(31));
  signer_.Release();
  ASSERT_TRUE(pipeline_->Drain(absl::Seconds(10)));
  End();
  ASSERT_TRUE(answer.has_value());
  EXPECT_THAT(*answer, base::HasCode(absl::StatusCode::kDeadlineExceeded));
}

TEST_F(PipelineTest, WaitsForASignatureNoLongerThanItsCaller) {
  signer_.Hold();
  std::optional<core::Answer> answer;
  pipeline_->Run(
      SigningFlow(), [&](core::Answer a) { answer = std::move(a); },
      clock_.Now() + absl::Seconds(5));
  clock_.Advance(absl::Seconds(6));
  signer_.Release();
  ASSERT_TRUE(pipeline_->Drain(absl::Seconds(10)));
  End();
  ASSERT_TRUE(answer.has_value());
  EXPECT_THAT(*answer, base::HasCode(absl::StatusCode::kDeadlineExceeded));
}

TEST_F(PipelineTest, RecordsNothingWhereTheSignerHasNoRoom) {
  signer_.SetRoom(absl::ResourceExhaustedError("full"));
  std::optional<core::Answer> answer;
  std::thread::id answerer;
  pipeline_->Run(NeedyFlow(1), [&](core::Answer a) {
    answer = std::move(a);
    answerer = std::this_thread::get_id();
  });
  ASSERT_TRUE(answer.has_value());
  EXPECT_THAT(*answer, base::HasCode(absl::StatusCode::kResourceExhausted));
  // Refusals are many: they cost no other thread.
  EXPECT_EQ(answerer, std::this_thread::get_id());
  EXPECT_TRUE(store_.events().empty());
  EXPECT_EQ(pipeline_->in_flight(), 0);
}

TEST_F(PipelineTest, MakesKeysBesideTheOtherStages) {
  auto flow = std::make_unique<ScriptedFlow>();
  flow->on_start = [](const World&) {
    return Effect{std::nullopt, core::MakeKeyEffect{NoKey()}};
  };
  flow->on_key_made = AnswerKey;
  const core::Answer answer = pipeline_->Call(std::move(flow));
  ASSERT_OK(answer);
  EXPECT_FALSE(std::get<std::string>(*answer).empty());
}

TEST_F(PipelineTest, TakesAKeyThatIsThereWhereAskedTo) {
  const auto register_key = [] {
    auto flow = std::make_unique<ScriptedFlow>();
    flow->on_start = [](const World&) {
      return Effect{std::nullopt, core::MakeKeyEffect{NoKey(), true}};
    };
    flow->on_key_made = AnswerKey;
    return flow;
  };
  EXPECT_FALSE(pipeline_->Call(register_key()).ok());
  const std::string spki = MakeKey().spki;
  const core::Answer answer = pipeline_->Call(register_key());
  ASSERT_OK(answer);
  EXPECT_EQ(std::get<std::string>(*answer), spki);
}

TEST_F(PipelineTest, DestroysKeysBesideTheOtherStages) {
  const core::KeyRef key = MakeKey();
  auto flow = std::make_unique<ScriptedFlow>();
  flow->on_start = [key](const World&) {
    return Effect{std::nullopt, core::DestroyKeyEffect{key}};
  };
  flow->on_key_destroyed = [](absl::Status status, const World&) {
    if (!status.ok()) return AnswerNow(status);
    return AnswerNow(core::Resource(std::string("gone")));
  };
  EXPECT_OK(pipeline_->Call(std::move(flow)));
  EXPECT_FALSE(signer_.RegisterKey(key).ok());
}

TEST_F(PipelineTest, ShowsEachStepTheProductAsItIsCommittedNow) {
  core::Product product = core::SampleProduct();
  core::ChangeSet insert;
  insert.products.push_back(product);
  ASSERT_OK(pipeline_->Commit(insert));
  auto flow = RecordingFlow("x");
  flow->product_name = product.name;
  flow->on_start = [product](const World& world) {
    EXPECT_EQ(world.product->revision, 1);
    core::ChangeSet change;
    change.products.push_back(product);
    change.products[0].revision = 2;
    change.products[0].state = core::ProductState::kDisabled;
    return CommitOf(std::move(change));
  };
  flow->on_committed = [](const absl::StatusOr<core::CommitOutcome>&,
                          const World& world) {
    // Renewed before anybody learns of the outcome.
    EXPECT_EQ(world.product->state, core::ProductState::kDisabled);
    return AnswerNow(core::Resource(std::string()));
  };
  EXPECT_OK(pipeline_->Call(std::move(flow)));
}

TEST_F(PipelineTest, LeavesAnApprovedRequestToItsFlowUntilThatEnds) {
  core::SigningRequest request = core::SampleRequest();
  request.state = core::RequestState::kApproved;
  const std::string name = request.name.Format();
  auto flow = SigningFlow();
  flow->on_start = [request](const World&) {
    core::ChangeSet changes;
    changes.requests.push_back(request);
    return CommitOf(std::move(changes));
  };
  flow->on_committed = [job = Job()](const absl::StatusOr<core::CommitOutcome>&,
                                     const World&) {
    return Effect{std::nullopt, core::SignEffect{job}};
  };
  signer_.Hold();
  pipeline_->Run(std::move(flow), [](const core::Answer&) {});
  EXPECT_TRUE(pipeline_->IsActive(name));
  // The commit may still be on its way: the job comes after it.
  while (signer_.waiting() == 0) std::this_thread::yield();
  EXPECT_TRUE(pipeline_->IsActive(name));
  signer_.Release();
  ASSERT_TRUE(pipeline_->Drain(absl::Seconds(10)));
  EXPECT_FALSE(pipeline_->IsActive(name));
}

TEST_F(PipelineTest, TellsTheWatchersOfEachDurableChange) {
  const core::SigningRequest request = core::SampleRequest();
  int64_t seen = 0;
  const auto ticket = watches_.Subscribe(
      request.name.Format(),
      [&](const RequestSnapshot& snapshot) { seen = snapshot->revision; });
  ASSERT_OK(ticket);
  core::ChangeSet changes;
  changes.requests.push_back(request);
  ASSERT_OK(pipeline_->Commit(std::move(changes)));
  End();
  EXPECT_EQ(seen, request.revision);
}

TEST_F(PipelineTest, AnswersWhatTheSignerStillHasWhenItGivesUp) {
  signer_.Hold();
  std::optional<core::Answer> answer;
  pipeline_->Run(SigningFlow(), [&](core::Answer a) { answer = std::move(a); });
  pipeline_->StopTaking();
  EXPECT_FALSE(pipeline_->Drain(absl::ZeroDuration()));
  pipeline_->AbandonSigning();
  EXPECT_TRUE(pipeline_->Drain(absl::Seconds(10)));
  signer_.Release();  // too late: nobody hears of it
  End();
  ASSERT_TRUE(answer.has_value());
  EXPECT_THAT(*answer, base::HasCode(absl::StatusCode::kUnavailable));
}

TEST_F(PipelineTest, TakesNothingAfterStopTaking) {
  pipeline_->StopTaking();
  EXPECT_THAT(pipeline_->Call(RecordingFlow("x")), HasReason("OVERLOADED"));
}

TEST_F(NarrowPipelineTest, TurnsAwayWhatIsMoreThanItsBound) {
  signer_.Hold();
  pipeline_->Run(SigningFlow(), [](const core::Answer&) {});
  const core::Answer refused = pipeline_->Call(RecordingFlow("x"));
  EXPECT_THAT(refused, HasReason("OVERLOADED"));
  EXPECT_TRUE(base::GetErrorDetails(refused.status())->retry_delay.has_value());
  signer_.Release();
  ASSERT_TRUE(pipeline_->Drain(absl::Seconds(10)));
  EXPECT_OK(pipeline_->Call(RecordingFlow("x")));
}

}  // namespace
}  // namespace countersign::server
