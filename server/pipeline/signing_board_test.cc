#include "server/pipeline/signing_board.h"

#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::server {
namespace {

core::SignResult Signatures(const std::string& value) {
  return std::vector<core::DigestSignature>{{value, "token", 1}};
}

TEST(SigningBoardTest, CompletesAJobOnce) {
  SigningBoard board;
  int calls = 0;
  const uint64_t job = board.Add([&](const core::SignResult&) { ++calls; });
  EXPECT_NE(job, 0u);
  board.Complete(job, Signatures("s"));
  board.Complete(job, Signatures("s"));
  EXPECT_EQ(calls, 1);
}

TEST(SigningBoardTest, AnswersWhatIsLeftWhenItCloses) {
  SigningBoard board;
  absl::Status told;
  const uint64_t job = board.Add(
      [&](const core::SignResult& result) { told = result.status(); });
  board.Close(absl::UnavailableError("stopping"));
  EXPECT_TRUE(absl::IsUnavailable(told));
  board.Complete(job, Signatures("late"));
  EXPECT_TRUE(absl::IsUnavailable(told));
}

TEST(SigningBoardTest, TakesNothingWhenClosed) {
  SigningBoard board;
  board.Close(absl::UnavailableError("stopping"));
  EXPECT_EQ(board.Add([](const core::SignResult&) { FAIL(); }), 0u);
}

}  // namespace
}  // namespace countersign::server
