#include "client/api/retry.h"

#include <string>

#include "base/error.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

absl::Status Error(absl::StatusCode code, const std::string& reason = "",
                   std::optional<absl::Duration> delay = std::nullopt) {
  base::ErrorDetails details;
  details.reason = reason;
  details.retry_delay = delay;
  return base::MakeError(code, "failed", details);
}

struct TransientCase {
  std::string name;
  absl::Status status;
  bool want;
};

class TransientTest : public testing::TestWithParam<TransientCase> {};

TEST_P(TransientTest, IsTold) {
  EXPECT_EQ(IsTransient(GetParam().status), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    Codes, TransientTest,
    testing::Values(
        TransientCase{"Ok", absl::OkStatus(), false},
        TransientCase{"Unavailable", Error(absl::StatusCode::kUnavailable),
                      true},
        TransientCase{"LostRace",
                      Error(absl::StatusCode::kAborted, "CONCURRENT_CHANGE"),
                      true},
        TransientCase{"StaleEtag",
                      Error(absl::StatusCode::kAborted, "STALE_ETAG"), false},
        TransientCase{"Overload",
                      Error(absl::StatusCode::kResourceExhausted, "OVERLOADED",
                            absl::Seconds(1)),
                      true},
        TransientCase{"MessageTooLarge",
                      Error(absl::StatusCode::kResourceExhausted), false},
        TransientCase{"Denied", Error(absl::StatusCode::kPermissionDenied),
                      false},
        TransientCase{"BadInput", Error(absl::StatusCode::kInvalidArgument),
                      false},
        TransientCase{"Deadline", Error(absl::StatusCode::kDeadlineExceeded),
                      false}),
    [](const auto& info) { return info.param.name; });

const absl::Status kAway = Error(absl::StatusCode::kUnavailable);

TEST(RetryDelay, DoublesUpToTheMaximum) {
  RetryPolicy policy;
  policy.max_attempts = 100;
  policy.first_delay = absl::Milliseconds(100);
  policy.max_delay = absl::Seconds(1);
  // Nothing of the random half.
  EXPECT_EQ(*RetryDelay(policy, 1, kAway, 0), absl::Milliseconds(50));
  EXPECT_EQ(*RetryDelay(policy, 2, kAway, 0), absl::Milliseconds(100));
  EXPECT_EQ(*RetryDelay(policy, 3, kAway, 0), absl::Milliseconds(200));
  EXPECT_EQ(*RetryDelay(policy, 9, kAway, 0), absl::Milliseconds(500));
  EXPECT_EQ(*RetryDelay(policy, 99, kAway, 0), absl::Milliseconds(500));
}

TEST(RetryDelay, SpreadsClientsOverHalfOfThePause) {
  RetryPolicy policy;
  policy.first_delay = absl::Milliseconds(100);
  EXPECT_EQ(*RetryDelay(policy, 1, kAway, 0.5), absl::Milliseconds(75));
  EXPECT_LT(*RetryDelay(policy, 1, kAway, 0.999), absl::Milliseconds(100));
}

TEST(RetryDelay, GivesUpAfterTheLastAttempt) {
  RetryPolicy policy;
  policy.max_attempts = 3;
  EXPECT_TRUE(RetryDelay(policy, 2, kAway, 0).has_value());
  EXPECT_FALSE(RetryDelay(policy, 3, kAway, 0).has_value());
}

TEST(RetryDelay, AddsUpToHalfToWhatTheServerAsks) {
  for (const absl::StatusCode code :
       {absl::StatusCode::kUnavailable, absl::StatusCode::kResourceExhausted,
        absl::StatusCode::kAborted}) {
    const absl::Status asked = Error(code, "X", absl::Seconds(4));
    EXPECT_EQ(*RetryDelay({}, 1, asked, 0), absl::Seconds(4));
    EXPECT_EQ(*RetryDelay({}, 1, asked, 0.5), absl::Seconds(5));
    EXPECT_LT(*RetryDelay({}, 1, asked, 0.999), absl::Seconds(6));
  }
}

TEST(RetryDelay, DoesNotCountWhatTheServerAsksFor) {
  RetryPolicy policy;
  policy.max_attempts = 1;
  EXPECT_TRUE(
      RetryDelay(policy, 99,
                 Error(absl::StatusCode::kUnavailable, "X", absl::Hours(1)), 0)
          .has_value());
}

TEST(RetryDelay, DoesNotBelieveAServerThatAsksForNoPause) {
  const absl::Status hasty =
      Error(absl::StatusCode::kUnavailable, "X", absl::ZeroDuration());
  EXPECT_EQ(*RetryDelay({}, 1, hasty, 0), absl::Milliseconds(100));
  EXPECT_FALSE(RetryDelay({}, 5, hasty, 0).has_value());
}

TEST(RetryDelay, RefusesWhatIsNotTransient) {
  EXPECT_FALSE(
      RetryDelay({}, 1, Error(absl::StatusCode::kInternal), 0).has_value());
}

}  // namespace
}  // namespace countersign::client
