#include "core/fake_signer.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/fake_clock.h"
#include "base/signature_verifier.h"
#include "base/status_matchers.h"
#include "core/algorithms.h"
#include "core/signer.h"
#include "core/signer_contract.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::core {
namespace {

// The clock must outlive the signer, so both are one object.
std::shared_ptr<Signer> MakeContractSigner() {
  struct Both {
    base::FakeClock clock;
    FakeSigner signer{clock};
  };
  auto both = std::make_shared<Both>();
  both->signer.SetTokens({"main", "standby"});
  return std::shared_ptr<Signer>(both, &both->signer);
}

INSTANTIATE_TEST_SUITE_P(Fake, SignerContract,
                         testing::Values(SignerContractParam{
                             "InMemory", MakeContractSigner, true}),
                         SignerContractName);

class FakeSignerTest : public testing::Test {
 protected:
  FakeSignerTest() {
    job_.key = {"id", "label", KeyType::kEcP256, "", {}};
    job_.key.spki = signer_.MakeKey(job_.key)->spki;
    job_.algorithm = SignatureAlgorithm::kEcdsa;
    job_.digests = {std::string(32, 'd')};
    job_.deadline = absl::InfiniteFuture();
  }

  void Sign(const SignJob& job) {
    signer_.Sign(job, [this](SignResult r) { results_.push_back(r); });
  }

  base::FakeClock clock_;
  FakeSigner signer_{clock_};
  SignJob job_;
  std::vector<SignResult> results_;
};

TEST_F(FakeSignerTest, AnswersBeforeSignReturns) {
  Sign(job_);
  ASSERT_EQ(results_.size(), 1u);
  EXPECT_OK(results_[0]);
  EXPECT_EQ(signer_.jobs(), 1);
  EXPECT_EQ(signer_.signed_digests(), 1);
}

TEST_F(FakeSignerTest, FailsAsOftenAsItWasTold) {
  signer_.FailNext(2, absl::UnavailableError("away"));
  for (int i = 0; i < 3; ++i) Sign(job_);
  EXPECT_THAT(results_[0], base::HasCode(absl::StatusCode::kUnavailable));
  EXPECT_THAT(results_[1], base::HasCode(absl::StatusCode::kUnavailable));
  EXPECT_OK(results_[2]);
  EXPECT_EQ(signer_.signed_digests(), 1);
}

TEST_F(FakeSignerTest, FailsToMakeAKeyAsOftenAsItWasTold) {
  signer_.FailNextMakeKey(1, absl::InternalError("broken"));
  const KeyRef key{"other", "label", KeyType::kEcP256, "", {}};
  EXPECT_THAT(signer_.MakeKey(key), base::HasCode(absl::StatusCode::kInternal));
  EXPECT_OK(signer_.MakeKey(key));
}

TEST_F(FakeSignerTest, AnswersWronglyAsOftenAsItWasTold) {
  signer_.AnswerWrong(1);
  Sign(job_);
  Sign(job_);
  ASSERT_OK_AND_ASSIGN(
      base::SignatureVerifier verifier,
      base::SignatureVerifier::Create(job_.key.spki,
                                      base::SignatureScheme::kEcdsa, "SHA256"));
  ASSERT_OK(results_[0]);
  EXPECT_THAT(verifier.Verify(job_.digests[0], (*results_[0])[0].value),
              base::HasCode(absl::StatusCode::kInvalidArgument));
  ASSERT_OK(results_[1]);
  EXPECT_OK(verifier.Verify(job_.digests[0], (*results_[1])[0].value));
}

TEST_F(FakeSignerTest, HoldsJobsUntilReleased) {
  signer_.Hold();
  Sign(job_);
  Sign(job_);
  EXPECT_EQ(signer_.waiting(), 2u);
  EXPECT_TRUE(results_.empty());
  EXPECT_TRUE(signer_.PumpOne());
  EXPECT_EQ(results_.size(), 1u);
  signer_.Release();
  EXPECT_EQ(results_.size(), 2u);
  EXPECT_FALSE(signer_.PumpOne());
  Sign(job_);
  EXPECT_EQ(results_.size(), 3u);
}

TEST_F(FakeSignerTest, TakesPriorityJobsFirst) {
  signer_.Hold();
  std::vector<int> order;
  for (int i = 0; i < 4; ++i) {
    job_.priority = i >= 2;
    signer_.Sign(job_, [&order, i](const SignResult&) { order.push_back(i); });
  }
  signer_.Release();
  EXPECT_EQ(order, (std::vector<int>{2, 3, 0, 1}));
}

TEST_F(FakeSignerTest, TellsDeadlinesByItsClockWhenTheJobsTurnComes) {
  signer_.Hold();
  job_.deadline = clock_.Now() + absl::Seconds(1);
  Sign(job_);
  clock_.Advance(absl::Seconds(1));
  signer_.Release();
  EXPECT_THAT(results_[0], base::HasCode(absl::StatusCode::kDeadlineExceeded));
}

TEST_F(FakeSignerTest, RefusesWhenItsKeysAreLost) {
  signer_.LoseKeys();
  Sign(job_);
  EXPECT_THAT(results_[0],
              base::HasCode(absl::StatusCode::kFailedPrecondition));
}

TEST_F(FakeSignerTest, SignsWithAnotherTokenWhereOneIsAway) {
  signer_.SetTokens({"a", "b"});
  KeyRef key{"id", "shared", KeyType::kEcP256, "", {"a", "b"}};
  key.spki = *signer_.AddKey(key);
  ASSERT_OK(signer_.RegisterKey(key));
  job_.key = key;
  Sign(job_);
  signer_.SetAway("a", true);
  Sign(job_);
  signer_.SetAway("b", true);
  Sign(job_);
  ASSERT_OK(results_[0]);
  EXPECT_EQ(results_[0]->front().token, "a");
  ASSERT_OK(results_[1]);
  EXPECT_EQ(results_[1]->front().token, "b");
  EXPECT_THAT(results_[2], base::HasCode(absl::StatusCode::kUnavailable));
}

TEST_F(FakeSignerTest, RefusesDifferentKeysUnderOneName) {
  signer_.SetTokens({"a", "b"});
  KeyRef key{"id", "twins", KeyType::kEcP256, "", {"a"}};
  ASSERT_OK(signer_.AddKey(key));
  key.tokens = {"b"};
  ASSERT_OK(signer_.AddKey(key));
  key.tokens = {"a", "b"};
  EXPECT_THAT(signer_.RegisterKey(key),
              base::HasCode(absl::StatusCode::kFailedPrecondition));
}

TEST_F(FakeSignerTest, FailsToDestroyAsOftenAsItWasTold) {
  signer_.FailNextDestroyKey(1, absl::UnavailableError("away"));
  EXPECT_THAT(signer_.DestroyKey(job_.key),
              base::HasCode(absl::StatusCode::kUnavailable));
  EXPECT_TRUE(signer_.HasKey("", job_.key));
  EXPECT_OK(signer_.DestroyKey(job_.key));
  EXPECT_FALSE(signer_.HasKey("", job_.key));
}

TEST_F(FakeSignerTest, SaysWhatRoomAndUsesItWasTold) {
  signer_.SetRoom(absl::ResourceExhaustedError("full"));
  EXPECT_THAT(signer_.Reserve(job_.key, 1),
              base::HasCode(absl::StatusCode::kResourceExhausted));
  signer_.SetRoom(absl::OkStatus());
  EXPECT_OK(signer_.Reserve(job_.key, 1));
  signer_.UseMoreOften(1, 3);
  Sign(job_);
  Sign(job_);
  EXPECT_EQ(results_[0]->front().key_uses, 3);
  EXPECT_EQ(results_[1]->front().key_uses, 1);
}

TEST_F(FakeSignerTest, CountsWhatWaitsAndWhatHasRoomAgainstItsBound) {
  signer_.SetBound(2);
  signer_.Hold();
  SignJob first = job_;
  SignJob second = job_;
  ASSERT_OK_AND_ASSIGN(first.room, signer_.Reserve(job_.key, 1));
  ASSERT_OK_AND_ASSIGN(second.room, signer_.Reserve(job_.key, 1));
  EXPECT_EQ(signer_.reserved(), 2u);
  EXPECT_THAT(signer_.Reserve(job_.key, 1), base::HasReason("OVERLOADED"));
  const auto ignore = [](const SignResult&) {};
  signer_.Sign(std::move(first), ignore);
  EXPECT_EQ(signer_.reserved(), 1u);
  EXPECT_EQ(signer_.waiting(), 1u);
  EXPECT_FALSE(signer_.Reserve(job_.key, 1).ok());
  signer_.Sign(std::move(second), ignore);
  EXPECT_EQ(signer_.reserved(), 0u);
  Sign(job_);  // has no room
  ASSERT_EQ(results_.size(), 1u);
  EXPECT_THAT(results_[0], base::HasReason("OVERLOADED"));
  job_.priority = true;
  Sign(job_);
  EXPECT_EQ(signer_.waiting(), 3u);
  signer_.Release();
}

TEST_F(FakeSignerTest, AnswersWhatItHoldsWhenItGoes) {
  SignResult result;
  {
    FakeSigner signer(clock_);
    signer.Hold();
    signer.Sign(job_, [&result](SignResult r) { result = r; });
  }
  EXPECT_THAT(result, base::HasCode(absl::StatusCode::kUnavailable));
}

TEST_F(FakeSignerTest, SaysTheHealthThatItWasGiven) {
  EXPECT_TRUE(signer_.Health().ready);
  signer_.SetHealth({false, "no token", {}});
  EXPECT_FALSE(signer_.Health().ready);
  EXPECT_EQ(signer_.Health().message, "no token");
}

}  // namespace
}  // namespace countersign::core
