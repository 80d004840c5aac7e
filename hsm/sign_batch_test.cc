#include "hsm/sign_batch.h"

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/status_matchers.h"
#include "core/signer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::hsm {
namespace {

using testing::ElementsAre;

core::SignJob Job(size_t digests) {
  core::SignJob job;
  job.digests.resize(digests);
  return job;
}

core::DigestSignature Signed(const std::string& value) {
  return {value, "token", 1};
}

TEST(SignBatchTest, AnswersOnceInTheOrderOfTheDigests) {
  std::vector<core::SignResult> answers;
  SignBatch batch(Job(3), [&](core::SignResult r) { answers.push_back(r); });
  batch.Finish(2, Signed("c"));
  batch.Finish(0, Signed("a"));
  EXPECT_TRUE(answers.empty());
  batch.Finish(1, Signed("b"));
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_THAT(answers[0], base::IsOkAndHolds(ElementsAre(
                              Signed("a"), Signed("b"), Signed("c"))));
}

TEST(SignBatchTest, OneErrorTakesAllAndTheFirstIsTold) {
  std::vector<core::SignResult> answers;
  SignBatch batch(Job(3), [&](core::SignResult r) { answers.push_back(r); });
  batch.Finish(0, Signed("a"));
  EXPECT_FALSE(batch.failed());
  batch.Finish(1, absl::UnavailableError("first"));
  EXPECT_TRUE(batch.failed());
  EXPECT_TRUE(answers.empty());
  batch.Finish(2, absl::InternalError("second"));
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_THAT(answers[0],
              base::StatusIs(absl::StatusCode::kUnavailable, "first"));
}

struct UseCase {
  const char* name;
  std::vector<absl::StatusOr<core::DigestSignature>> outcomes;
  bool used;
};

class KeyUseTest : public testing::TestWithParam<UseCase> {};

TEST_P(KeyUseTest, IsToldByTheErrorOfTheJob) {
  core::SignResult answer = absl::UnknownError("none");
  SignBatch batch(Job(GetParam().outcomes.size()),
                  [&](core::SignResult r) { answer = std::move(r); });
  for (size_t i = 0; i < batch.size(); ++i) {
    batch.Finish(i, GetParam().outcomes[i]);
  }
  EXPECT_THAT(answer, base::HasCode(absl::StatusCode::kUnavailable));
  EXPECT_EQ(core::KeyMayHaveBeenUsed(answer.status()), GetParam().used);
}

const absl::Status kAway = absl::UnavailableError("away");

INSTANTIATE_TEST_SUITE_P(
    All, KeyUseTest,
    testing::Values(
        UseCase{"NotReached", {kAway, absl::AbortedError("")}, false},
        UseCase{"AnotherWasSigned", {Signed("a"), kAway}, true},
        UseCase{"LaterOneWasSigned", {kAway, Signed("a")}, true},
        UseCase{"ItMayHave", {core::WithKeyUseUnknown(kAway)}, true},
        UseCase{"AnotherMayHave",
                {kAway, core::WithKeyUseUnknown(absl::AbortedError(""))},
                true}),
    [](const auto& info) { return info.param.name; });

TEST(SignBatchTest, LetsGoOfTheCallbackWithTheAnswer) {
  auto held = std::make_shared<int>(1);
  SignBatch batch(Job(1), [held](core::SignResult) {});
  EXPECT_EQ(held.use_count(), 2);
  batch.Finish(0, Signed("a"));
  EXPECT_EQ(held.use_count(), 1);
}

TEST(SignBatchTest, ManyThreadsFinishIt) {
  core::SignResult answer = absl::UnknownError("none");
  SignBatch batch(Job(64), [&](core::SignResult r) { answer = std::move(r); });
  std::vector<std::thread> threads;
  for (size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&batch, t] {
      for (size_t i = t; i < 64; i += 4)
        batch.Finish(i, Signed(std::to_string(i)));
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_OK(answer);
  for (size_t i = 0; i < 64; ++i)
    EXPECT_EQ((*answer)[i].value, std::to_string(i));
}

}  // namespace
}  // namespace countersign::hsm
