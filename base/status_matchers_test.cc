#include "base/status_matchers.h"

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::base {
namespace {

using testing::HasSubstr;
using testing::Not;

absl::Status Lost() {
  ErrorDetails details;
  details.reason = "LOST_RACE";
  return MakeError(absl::StatusCode::kAborted, "lost", details);
}

// What a matcher says about a value that does not fit.
template <typename Matcher, typename T>
std::string Explain(Matcher matcher, const T& value) {
  testing::StringMatchResultListener listener;
  testing::ExplainMatchResult(matcher, value, &listener);
  return listener.str();
}

TEST(StatusMatchersTest, MatchWhatFits) {
  EXPECT_THAT(absl::OkStatus(), IsOk());
  EXPECT_THAT(absl::StatusOr<int>(1), IsOk());
  EXPECT_THAT(Lost(), StatusIs(absl::StatusCode::kAborted, HasSubstr("los")));
  EXPECT_THAT(absl::StatusOr<int>(Lost()),
              StatusIs(absl::StatusCode::kAborted, "lost"));
  EXPECT_THAT(Lost(), HasCode(absl::StatusCode::kAborted));
  EXPECT_THAT(Lost(), HasReason("LOST_RACE"));
  EXPECT_THAT(absl::StatusOr<int>(5), IsOkAndHolds(testing::Gt(4)));
}

TEST(StatusMatchersTest, RefuseWhatDoesNotFit) {
  EXPECT_THAT(Lost(), Not(IsOk()));
  EXPECT_THAT(absl::StatusOr<int>(Lost()), Not(IsOk()));
  EXPECT_THAT(Lost(), Not(StatusIs(absl::StatusCode::kNotFound, "lost")));
  EXPECT_THAT(Lost(), Not(StatusIs(absl::StatusCode::kAborted, "won")));
  EXPECT_THAT(Lost(), Not(HasCode(absl::StatusCode::kOk)));
  EXPECT_THAT(Lost(), Not(HasReason("OTHER")));
  EXPECT_THAT(absl::AbortedError("x"), Not(HasReason("LOST_RACE")));
  EXPECT_THAT(absl::StatusOr<int>(5), Not(IsOkAndHolds(4)));
  EXPECT_THAT(absl::StatusOr<int>(Lost()), Not(IsOkAndHolds(5)));
}

TEST(StatusMatchersTest, HoldValuesThatCannotBeCopied) {
  const absl::StatusOr<std::unique_ptr<int>> value = std::make_unique<int>(1);
  EXPECT_THAT(value, IsOk());
  EXPECT_THAT(value, IsOkAndHolds(testing::Pointee(1)));
}

TEST(StatusMatchersTest, PrintTheStatus) {
  EXPECT_THAT(Explain(IsOk(), Lost()), HasSubstr("ABORTED: lost"));
  EXPECT_THAT(Explain(HasReason("OTHER"), Lost()), HasSubstr("LOST_RACE"));
  EXPECT_THAT(Explain(IsOkAndHolds(1), absl::StatusOr<int>(Lost())),
              HasSubstr("ABORTED: lost"));
}

}  // namespace
}  // namespace countersign::base
