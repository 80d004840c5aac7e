#include "hsm/pkcs11_signer.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/fake_clock.h"
#include "base/signature_verifier.h"
#include "base/status_matchers.h"
#include "core/algorithms.h"
#include "core/signer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hsm/hsm_fixture.h"
#include "hsm/signer_observer.h"

namespace countersign::hsm {
namespace {

using core::KeyType;
using testing::HasSubstr;

class CountingObserver final : public SignerObserver {
 public:
  void OnSigned(absl::string_view, core::SignatureAlgorithm,
                absl::Duration hsm_time, bool ok) override {
    (ok ? good_ : bad_)++;
    if (hsm_time <= absl::ZeroDuration()) timeless_++;
  }
  void OnQueueDepth(size_t) override { depths_++; }

  std::atomic<int> good_{0};
  std::atomic<int> bad_{0};
  std::atomic<int> timeless_{0};
  std::atomic<int> depths_{0};
};

class Pkcs11SignerTest : public HsmFixture {
 protected:
  void Start(int sessions = 2) {
    Pkcs11SignerOptions options = FaultyOptions();
    options.tokens[0].sessions = sessions;
    options.tokens[0].max_queued_digests = 1000;
    options.tokens[0].max_queue_time = max_queue_time_;
    options.observer = &observer_;
    auto signer = Pkcs11Signer::Create(options, clock_);
    ASSERT_OK(signer);
    signer_ = *std::move(signer);
  }

  core::KeyRef MakeKey(absl::string_view label, KeyType type) {
    return hsm::MakeKey(*signer_, Key(label, type));
  }

  base::FakeClock clock_;
  CountingObserver observer_;
  absl::Duration max_queue_time_ = absl::Seconds(2);
  std::unique_ptr<Pkcs11Signer> signer_;
};

TEST_F(Pkcs11SignerTest, TwoModuleCallsForEachSignature) {
  Start();
  const core::KeyRef key = MakeKey("k", KeyType::kRsa2048);
  // Until both workers have a session and the key.
  faults_.Hold();
  Answer first;
  signer_->Sign(Job(key, 2), first.Done());
  faults_.AwaitHeld(2);
  faults_.Release();
  ASSERT_OK(first.Wait());
  const int finds = faults_.calls(FaultPoint::kFindObjects);
  const int opens = faults_.calls(FaultPoint::kOpenSession);
  ASSERT_OK(SignAndWait(*signer_, Job(key, 50)));
  EXPECT_EQ(faults_.calls(FaultPoint::kSignInit), 52);
  EXPECT_EQ(faults_.calls(FaultPoint::kSign), 52);
  EXPECT_EQ(faults_.calls(FaultPoint::kFindObjects), finds);
  EXPECT_EQ(faults_.calls(FaultPoint::kOpenSession), opens);
}

TEST_F(Pkcs11SignerTest, DigestsOfOneJobGoToAllSessions) {
  Start(3);
  const core::KeyRef key = MakeKey("k", KeyType::kEcP256);
  faults_.Hold();
  Answer answer;
  signer_->Sign(Job(key, 10), answer.Done());
  faults_.AwaitHeld(3);
  EXPECT_EQ(signer_->QueuedDigests(), 7u);
  faults_.Release();
  EXPECT_OK(answer.Wait());
}

TEST_F(Pkcs11SignerTest, RefusesWhatDoesNotFitTheQueueAsAWhole) {
  Start(1);
  const core::KeyRef key = MakeKey("k", KeyType::kEcP256);
  faults_.Hold();
  Answer held;
  signer_->Sign(Job(key), held.Done());
  faults_.AwaitHeld(1);
  Answer queued;
  signer_->Sign(Job(key, 600), queued.Done());
  const core::SignResult refused = SignAndWait(*signer_, Job(key, 401));
  EXPECT_THAT(refused, base::HasReason("OVERLOADED"));
  EXPECT_THAT(refused, base::HasCode(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(signer_->QueuedDigests(), 600u);
  faults_.Release();
  EXPECT_OK(held.Wait());
  EXPECT_OK(queued.Wait());
}

TEST_F(Pkcs11SignerTest, SignsAllWhoWereLetInHoweverLongTheQueueHasBecome) {
  max_queue_time_ = absl::Milliseconds(10);
  Start();
  const core::KeyRef key = MakeKey("k", KeyType::kEcP256);
  ASSERT_OK(SignAndWait(*signer_, Job(key)));
  faults_.Hold();
  std::vector<core::SignJob> jobs;
  absl::Status refused;
  while (refused.ok()) {
    const absl::StatusOr<core::RoomPtr> room = signer_->Reserve(key, 1);
    refused = room.status();
    if (!room.ok()) break;
    jobs.push_back(Job(key));
    jobs.back().room = *room;
  }
  EXPECT_FALSE(jobs.empty());
  EXPECT_THAT(refused, base::HasReason("OVERLOADED"));
  // Who needs no room comes before them, more than the bound lets in.
  std::vector<Answer> answers(jobs.size() + 1);
  signer_->Sign(Job(key, 1000 - jobs.size()), answers[0].Done());
  for (size_t i = 0; i < jobs.size(); ++i) {
    signer_->Sign(std::exchange(jobs[i], {}), answers[i + 1].Done());
  }
  EXPECT_THAT(signer_->Reserve(key, 1), base::HasReason("OVERLOADED"));
  faults_.Release();
  for (Answer& answer : answers) EXPECT_OK(answer.Wait());
  // All is given back.
  EXPECT_OK(signer_->Reserve(key, 1000));
}

TEST_F(Pkcs11SignerTest, PriorityJobsOvertake) {
  Start(1);
  const core::KeyRef key = MakeKey("k", KeyType::kEcP256);
  faults_.Hold();
  base::Mutex mutex;
  std::vector<std::string> order;
  Answer last;
  const auto note = [&](const char* name) {
    return [&mutex, &order, name](core::SignResult) {
      base::MutexLock lock(mutex);
      order.push_back(name);
    };
  };
  signer_->Sign(Job(key), note("first"));
  faults_.AwaitHeld(1);
  signer_->Sign(Job(key), note("machine"));
  core::SignJob priority = Job(key);
  priority.priority = true;
  signer_->Sign(priority, note("approved"));
  signer_->Sign(Job(key), last.Done());
  faults_.Release();
  ASSERT_OK(last.Wait());
  base::MutexLock lock(mutex);
  EXPECT_THAT(order, testing::ElementsAre("first", "approved", "machine"));
}

TEST_F(Pkcs11SignerTest, DeadlineThatPassedInTheQueueSparesTheModule) {
  Start(1);
  const core::KeyRef key = MakeKey("k", KeyType::kEcP256);
  faults_.Hold();
  Answer first;
  signer_->Sign(Job(key), first.Done());
  faults_.AwaitHeld(1);
  core::SignJob job = Job(key);
  job.deadline = clock_.Now() + absl::Seconds(5);
  Answer late;
  signer_->Sign(job, late.Done());
  clock_.Advance(absl::Seconds(5));
  faults_.Release();
  EXPECT_OK(first.Wait());
  EXPECT_THAT(late.Wait(), base::HasReason("SIGN_DEADLINE"));
  EXPECT_EQ(faults_.calls(FaultPoint::kSignInit), 1);
}

TEST_F(Pkcs11SignerTest, BadJobsNeverReachTheModule) {
  Start();
  const core::KeyRef key = MakeKey("k", KeyType::kRsa2048);
  core::SignJob job = Job(key);
  job.digests[0].resize(20);
  EXPECT_THAT(SignAndWait(*signer_, job),
              base::HasCode(absl::StatusCode::kInvalidArgument));
  job = Job(key);
  job.algorithm = core::SignatureAlgorithm::kEcdsa;
  EXPECT_THAT(SignAndWait(*signer_, job),
              base::HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(faults_.calls(FaultPoint::kSignInit), 0);
}

TEST_F(Pkcs11SignerTest, StoppingAnswersWhatWaits) {
  Start(1);
  const core::KeyRef key = MakeKey("k", KeyType::kEcP256);
  faults_.Hold();
  Answer inside;
  Answer waiting;
  // The callback keeps its thread until the queue is closed, which a refusal
  // shows; so what waits behind it is seen after that.
  signer_->Sign(Job(key), [&, signer = signer_.get()](core::SignResult r) {
    inside.Done()(std::move(r));
    const auto stopping = std::make_shared<bool>(false);
    while (!*stopping) {
      signer->Sign(Job(key), [stopping](core::SignResult probe) {
        *stopping = base::GetReason(probe.status()) == "SIGNER_STOPPING";
      });
    }
  });
  faults_.AwaitHeld(1);
  signer_->Sign(Job(key, 3), waiting.Done());
  faults_.Release();
  signer_.reset();
  EXPECT_OK(inside.Wait());
  EXPECT_THAT(waiting.Wait(), base::HasReason("SIGNER_STOPPING"));
  EXPECT_EQ(faults_.calls(FaultPoint::kSignInit), 1);
  EXPECT_EQ(faults_.calls(FaultPoint::kFinalize), 1);
}

TEST_F(Pkcs11SignerTest, ObserverHearsOfFailures) {
  Start(1);
  const core::KeyRef key = MakeKey("k", KeyType::kEcP256);
  faults_.CorruptSignatures(1);
  EXPECT_FALSE(SignAndWait(*signer_, Job(key)).ok());
  faults_.Fail(FaultPoint::kSign, CKR_DEVICE_ERROR);
  EXPECT_FALSE(SignAndWait(*signer_, Job(key)).ok());
  EXPECT_OK(SignAndWait(*signer_, Job(key)));
  EXPECT_EQ(observer_.bad_, 2);
  EXPECT_EQ(observer_.good_, 1);
}

TEST_F(Pkcs11SignerTest, ThirtyTwoThreadsGetTheirOwnSignatures) {
  Start(4);
  const core::KeyRef keys[] = {MakeKey("r", KeyType::kRsa2048),
                               MakeKey("e", KeyType::kEcP256)};
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 32; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 5; ++i) {
        core::SignJob job = Job(keys[(t + i) % 2], 1 + i);
        for (size_t d = 0; d < job.digests.size(); ++d) {
          job.digests[d] = std::string(32, static_cast<char>(t * 8 + i + d));
        }
        const core::SignResult result = SignAndWait(*signer_, job);
        auto verifier = base::SignatureVerifier::Create(
            job.key.spki,
            core::IsRsa(job.key.type) ? base::SignatureScheme::kRsaPkcs1
                                      : base::SignatureScheme::kEcdsa,
            "SHA256");
        bool all = result.ok() && verifier.ok() &&
                   result->size() == job.digests.size();
        for (size_t d = 0; all && d < result->size(); ++d) {
          all = verifier->Verify(job.digests[d], (*result)[d].value).ok();
        }
        if (all) ++good;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 32 * 5);
  EXPECT_EQ(observer_.good_, 32 * (1 + 2 + 3 + 4 + 5));
  EXPECT_EQ(observer_.bad_, 0);
  EXPECT_EQ(observer_.timeless_, 0);
  EXPECT_GT(observer_.depths_, 0);
}

TEST_F(Pkcs11SignerTest, CpuTimeOfTheSigningThreadsIsTold) {
  Start();
  const core::KeyRef key = MakeKey("k", KeyType::kRsa2048);
  ASSERT_OK(SignAndWait(*signer_, Job(key, 300)));
  // Over 100 were signed by one of the threads: some 0.1 ms each at least.
  EXPECT_GT(signer_->CpuTime(), absl::Milliseconds(1));
}

TEST_F(Pkcs11SignerTest, MakingTheSameKeyAtOnceMakesOne) {
  Start();
  const core::KeyRef key = Key("k", KeyType::kEcP256);
  std::vector<std::string> spkis(8);
  std::vector<std::thread> threads;
  for (std::string& spki : spkis) {
    threads.emplace_back([&] {
      spki = signer_->MakeKey(key).value_or(core::KeyReport{"none", {}}).spki;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_NE(spkis[0], "none");
  EXPECT_THAT(spkis, testing::Each(spkis[0]));
}

TEST_F(Pkcs11SignerTest, KeysOutliveTheProcess) {
  Start();
  const core::KeyRef key = MakeKey("k", KeyType::kEcP256);
  signer_.reset();
  Start();
  EXPECT_OK(SignAndWait(*signer_, Job(key)));
}

struct OptionCase {
  const char* name;
  void (*spoil)(Pkcs11SignerOptions&);
  const char* reason;
};

class BadOptionsTest : public HsmFixture,
                       public testing::WithParamInterface<OptionCase> {};

TEST_P(BadOptionsTest, IsNamedAndCostsNoPinTry) {
  Pkcs11SignerOptions options = FaultyOptions();
  GetParam().spoil(options);
  const base::SystemClock clock;
  EXPECT_THAT(Pkcs11Signer::Create(options, clock),
              base::HasReason(GetParam().reason));
  EXPECT_EQ(faults_.calls(FaultPoint::kLogin), 0);
}

INSTANTIATE_TEST_SUITE_P(
    All, BadOptionsTest,
    testing::Values(
        OptionCase{"NoSession",
                   [](Pkcs11SignerOptions& o) { o.tokens[0].sessions = 0; },
                   "BAD_SIGNER_OPTIONS"},
        OptionCase{"TooManySessions",
                   [](Pkcs11SignerOptions& o) { o.tokens[0].sessions = 65; },
                   "BAD_SIGNER_OPTIONS"},
        OptionCase{"QueueSmallerThanAJob",
                   [](Pkcs11SignerOptions& o) {
                     o.tokens[0].max_queued_digests = 999;
                   },
                   "BAD_SIGNER_OPTIONS"},
        OptionCase{
            "NoLabel",
            [](Pkcs11SignerOptions& o) { o.tokens[0].token_label.clear(); },
            "BAD_SIGNER_OPTIONS"},
        OptionCase{
            "UnknownToken",
            [](Pkcs11SignerOptions& o) { o.tokens[0].token_label = "other"; },
            "TOKEN_NOT_FOUND"},
        OptionCase{"MissingModule",
                   [](Pkcs11SignerOptions& o) {
                     o.tokens[0].module_path = "/no/m.so";
                   },
                   "MODULE_NOT_FOUND"},
        OptionCase{"NotAModule",
                   [](Pkcs11SignerOptions& o) {
                     o.tokens[0].module_path =
                         "/lib/x86_64-linux-gnu/libm.so.6";
                   },
                   "NOT_A_MODULE"}),
    [](const auto& info) { return info.param.name; });

class SessionLimitTest : public HsmFixture {};

TEST_F(SessionLimitTest, SignsWithTheSessionsThatTheTokenHasRoomFor) {
  Pretence pretence;
  pretence.session_limit = 3;  // the one that stays, and two that sign
  faults_.Pretend(pretence);
  Pkcs11SignerOptions options = FaultyOptions();
  options.tokens[0].sessions = 4;
  const base::SystemClock clock;
  ASSERT_OK_AND_ASSIGN(const auto signer, Pkcs11Signer::Create(options, clock));
  const core::KeyRef key = MakeKey(*signer, Key("k", KeyType::kEcP256));
  EXPECT_OK(SignAndWait(*signer, Job(key, 200)));
  EXPECT_TRUE(signer->Health().ready);
  EXPECT_EQ(faults_.calls(FaultPoint::kInitialize), 1);
}

}  // namespace
}  // namespace countersign::hsm
