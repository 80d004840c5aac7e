#include "client/api/attempts.h"

#include <string>
#include <vector>

#include "base/error.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kRequest[] = "products/p/operations/o/signingRequests/r";

absl::Status Error(absl::StatusCode code, const std::string& reason = "",
                   std::optional<absl::Duration> delay = std::nullopt,
                   const std::string& resource = "") {
  base::ErrorDetails details;
  details.reason = reason;
  details.retry_delay = delay;
  if (!resource.empty()) details.metadata["resource"] = resource;
  return base::MakeError(code, "busy", details);
}

const absl::Status kSilent = Error(absl::StatusCode::kUnavailable);
const absl::Status kOverloaded =
    Error(absl::StatusCode::kResourceExhausted, "OVERLOADED", absl::Seconds(2));
const absl::Status kAway =
    Error(absl::StatusCode::kUnavailable, "SIGNER_UNAVAILABLE",
          absl::Seconds(2), kRequest);
const absl::Status kLate(absl::StatusCode::kDeadlineExceeded, "too late");

Attempts For(absl::Duration timeout, Repeat repeat = Repeat::kHarmless) {
  return Attempts(timeout, RetryPolicy(), repeat);
}

std::string Text(const absl::Status& status) {
  return std::string(status.message());
}

TEST(Attempts, CountWhatTookTimeAndWhatWasSlept) {
  Attempts attempts = For(absl::Seconds(10));
  EXPECT_EQ(attempts.Left(), absl::Seconds(10));
  EXPECT_EQ(attempts.Failed(kOverloaded, absl::Seconds(1), 0),
            absl::Seconds(2));
  EXPECT_EQ(attempts.Left(), absl::Seconds(7));
  EXPECT_EQ(attempts.Failed(kOverloaded, absl::Seconds(1), 0.5),
            absl::Seconds(2.5));
  EXPECT_EQ(attempts.Left(), absl::Seconds(3.5));
}

TEST(Attempts, EndWhereThePauseWouldUseUpTheTime) {
  Attempts attempts = For(absl::Seconds(2));
  EXPECT_EQ(attempts.Failed(kOverloaded, absl::Milliseconds(1), 0),
            std::nullopt);
}

TEST(Attempts, AreAsManyAsTheServerAsksForWithinTheTime) {
  Attempts attempts = For(absl::Minutes(1));
  int count = 1;
  while (attempts.Failed(kOverloaded, absl::ZeroDuration(), 0.5).has_value()) {
    ++count;
  }
  EXPECT_EQ(count, 24);  // 23 pauses of 2.5 s
  EXPECT_LT(attempts.Left(), absl::Seconds(3));
}

TEST(Attempts, AreFewWhereNobodyAnswers) {
  Attempts attempts = For(absl::Hours(1));
  int count = 1;
  while (attempts.Failed(kSilent, absl::ZeroDuration(), 0).has_value()) {
    ++count;
  }
  EXPECT_EQ(count, 5);
}

TEST(Attempts, BeginToCountSilenceAnewAfterAWordOfTheServer) {
  Attempts attempts = For(absl::Hours(1));
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < 4; ++i) {
      ASSERT_TRUE(attempts.Failed(kSilent, absl::ZeroDuration(), 0));
    }
    ASSERT_TRUE(attempts.Failed(kOverloaded, absl::ZeroDuration(), 0));
  }
}

struct RepeatCase {
  const char* name;
  absl::Status status;
  bool harmless;
  bool if_not_begun;
};

class RepeatTest : public testing::TestWithParam<RepeatCase> {};

TEST_P(RepeatTest, DependsOnWhatMayHaveHappened) {
  const RepeatCase& c = GetParam();
  for (const Repeat repeat : {Repeat::kHarmless, Repeat::kIfNotBegun}) {
    Attempts attempts = For(absl::Minutes(1), repeat);
    EXPECT_EQ(attempts.Failed(c.status, absl::ZeroDuration(), 0).has_value(),
              repeat == Repeat::kHarmless ? c.harmless : c.if_not_begun);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Statuses, RepeatTest,
    testing::Values(
        RepeatCase{"Silent", kSilent, true, false},
        RepeatCase{"Away", kAway, true, false},
        RepeatCase{"Overloaded", kOverloaded, true, true},
        RepeatCase{"LimitReached",
                   Error(absl::StatusCode::kResourceExhausted, "LIMIT"), false,
                   false},
        RepeatCase{"LostRace", Error(absl::StatusCode::kAborted, "RACE"), true,
                   false},
        RepeatCase{"Late", kLate, false, false},
        RepeatCase{"Denied", absl::PermissionDeniedError("no"), false, false}),
    [](const auto& info) { return info.param.name; });

TEST(Result, SaysHowOftenAndHowLongWasTried) {
  Attempts attempts = For(absl::Seconds(7));
  while (attempts.Failed(kOverloaded, absl::Milliseconds(1234), 0)) {
  }
  const absl::Status result = attempts.Result(kOverloaded);
  EXPECT_EQ(Text(result), "busy; tried 3 times in 7.7s");
  EXPECT_THAT(result, base::HasReason("OVERLOADED"));
  const auto details = base::GetErrorDetails(result);
  EXPECT_EQ(details->metadata.at("attempts"), "3");
  EXPECT_EQ(details->metadata.at("tried_for"), "7.7s");
  EXPECT_EQ(details->retry_delay, absl::Seconds(2));
}

TEST(Result, NamesTheRequestThatStands) {
  Attempts attempts = For(absl::Seconds(3));
  attempts.Failed(kAway, absl::ZeroDuration(), 0);
  EXPECT_EQ(Text(attempts.Result(kAway)),
            std::string("busy; the request stands: ") + kRequest);
  attempts.Failed(kAway, absl::ZeroDuration(), 0);
  EXPECT_EQ(Text(attempts.Result(kAway)),
            std::string("busy; tried 2 times in 2s; the request stands: ") +
                kRequest);
}

TEST(Result, TellsTheRefusalBeforeTheTimeRanOut) {
  Attempts attempts = For(absl::Seconds(10));
  attempts.Failed(kOverloaded, absl::ZeroDuration(), 0);
  attempts.Failed(kLate, absl::Seconds(8), 0);
  EXPECT_EQ(Text(attempts.Result(kLate)), "busy; tried 2 times in 10s");
  EXPECT_THAT(attempts.Result(kLate), base::HasReason("OVERLOADED"));
}

TEST(Result, SaysHowLongNobodyAnswered) {
  Attempts attempts = For(absl::Seconds(10));
  attempts.Failed(kLate, absl::Seconds(10), 0);
  EXPECT_EQ(Text(attempts.Result(kLate)), "no answer within 10s");
  EXPECT_THAT(attempts.Result(kLate), base::HasReason("NO_ANSWER"));
}

TEST(Result, LeavesAnAnswerAsItIs) {
  Attempts attempts = For(absl::Seconds(10));
  attempts.Failed(kSilent, absl::ZeroDuration(), 0);
  const absl::Status denied = absl::PermissionDeniedError("no");
  attempts.Failed(denied, absl::ZeroDuration(), 0);
  EXPECT_EQ(attempts.Result(denied), denied);
  Attempts once = For(absl::Seconds(1));
  once.Failed(kOverloaded, absl::ZeroDuration(), 0);
  EXPECT_THAT(Text(once.Result(kOverloaded)), Not(HasSubstr("tried")));
}

TEST(StandingRequest, IsNamedByTheErrorOfATokenThatIsAway) {
  EXPECT_EQ(StandingRequest(kAway), kRequest);
  EXPECT_EQ(StandingRequest(kSilent), "");
  EXPECT_EQ(StandingRequest(absl::OkStatus()), "");
  EXPECT_EQ(StandingRequest(Error(absl::StatusCode::kNotFound, "X",
                                  std::nullopt, kRequest)),
            "");
  EXPECT_EQ(StandingRequest(Error(absl::StatusCode::kUnavailable, "X",
                                  std::nullopt, "products/p")),
            "");
}

}  // namespace
}  // namespace countersign::client
