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

TEST(SignBatchTest, AnswersOnceInTheOrderOfTheDigests) {
  std::vector<core::SignResult> answers;
  SignBatch batch(Job(3), [&](core::SignResult r) { answers.push_back(r); });
  batch.Finish(2, std::string("c"));
  batch.Finish(0, std::string("a"));
  EXPECT_TRUE(answers.empty());
  batch.Finish(1, std::string("b"));
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_THAT(answers[0], base::IsOkAndHolds(ElementsAre("a", "b", "c")));
}

TEST(SignBatchTest, OneErrorTakesAllAndTheFirstIsTold) {
  std::vector<core::SignResult> answers;
  SignBatch batch(Job(3), [&](core::SignResult r) { answers.push_back(r); });
  batch.Finish(0, std::string("a"));
  EXPECT_FALSE(batch.failed());
  batch.Finish(1, absl::UnavailableError("first"));
  EXPECT_TRUE(batch.failed());
  EXPECT_TRUE(answers.empty());
  batch.Finish(2, absl::InternalError("second"));
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_THAT(answers[0],
              base::StatusIs(absl::StatusCode::kUnavailable, "first"));
}

TEST(SignBatchTest, LetsGoOfTheCallbackWithTheAnswer) {
  auto held = std::make_shared<int>(1);
  SignBatch batch(Job(1), [held](core::SignResult) {});
  EXPECT_EQ(held.use_count(), 2);
  batch.Finish(0, std::string("a"));
  EXPECT_EQ(held.use_count(), 1);
}

TEST(SignBatchTest, ManyThreadsFinishIt) {
  core::SignResult answer = absl::UnknownError("none");
  SignBatch batch(Job(64), [&](core::SignResult r) { answer = std::move(r); });
  std::vector<std::thread> threads;
  for (size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&batch, t] {
      for (size_t i = t; i < 64; i += 4) batch.Finish(i, std::to_string(i));
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_OK(answer);
  for (size_t i = 0; i < 64; ++i) EXPECT_EQ((*answer)[i], std::to_string(i));
}

}  // namespace
}  // namespace countersign::hsm
