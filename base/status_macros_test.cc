#include "base/status_macros.h"

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::base {
namespace {

absl::Status ReturnIf(const absl::Status& status, bool& went_on) {
  RETURN_IF_ERROR(status);
  went_on = true;
  return absl::OkStatus();
}

TEST(ReturnIfErrorTest, ReturnsTheError) {
  bool went_on = false;
  EXPECT_THAT(ReturnIf(absl::AbortedError("lost"), went_on),
              StatusIs(absl::StatusCode::kAborted, "lost"));
  EXPECT_FALSE(went_on);
}

TEST(ReturnIfErrorTest, GoesOnWhereOk) {
  bool went_on = false;
  EXPECT_OK(ReturnIf(absl::OkStatus(), went_on));
  EXPECT_TRUE(went_on);
}

absl::StatusOr<int> Sum(absl::StatusOr<int> a, absl::StatusOr<int> b) {
  ASSIGN_OR_RETURN(const int x, std::move(a));
  int y = 0;
  ASSIGN_OR_RETURN(y, std::move(b));
  return x + y;
}

TEST(AssignOrReturnTest, AssignsBothToNewAndToOldNames) {
  EXPECT_THAT(Sum(1, 2), IsOkAndHolds(3));
}

TEST(AssignOrReturnTest, ReturnsTheFirstError) {
  EXPECT_THAT(Sum(absl::NotFoundError("a"), absl::AbortedError("b")),
              StatusIs(absl::StatusCode::kNotFound, "a"));
  EXPECT_THAT(Sum(1, absl::AbortedError("b")),
              StatusIs(absl::StatusCode::kAborted, "b"));
}

absl::StatusOr<std::unique_ptr<int>> Pass(
    absl::StatusOr<std::unique_ptr<int>> p) {
  ASSIGN_OR_RETURN(std::unique_ptr<int> value, std::move(p));
  return value;
}

TEST(AssignOrReturnTest, MovesWhatCannotBeCopied) {
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<int> value,
                       Pass(std::make_unique<int>(5)));
  EXPECT_EQ(*value, 5);
}

}  // namespace
}  // namespace countersign::base
