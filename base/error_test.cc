#include "base/error.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/cord.h"
#include "absl/time/time.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::base {
namespace {

constexpr char kTypeUrl[] = "countersign.dev/ErrorDetails";

struct DetailsCase {
  const char* name;
  ErrorDetails details;
};

class RoundTripTest : public testing::TestWithParam<DetailsCase> {};

TEST_P(RoundTripTest, KeepsAllDetails) {
  const absl::Status status =
      MakeError(absl::StatusCode::kAborted, "message", GetParam().details);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kAborted, "message"));
  EXPECT_EQ(GetErrorDetails(status), GetParam().details);
  EXPECT_EQ(GetReason(status), GetParam().details.reason);
}

INSTANTIATE_TEST_SUITE_P(
    Details, RoundTripTest,
    testing::Values(
        DetailsCase{"Nothing", {}},
        DetailsCase{"ReasonAlone", {"PRODUCT_DISABLED", {}, {}, {}, {}}},
        DetailsCase{"Metadata",
                    {"R", {{"b", "2"}, {"a", "1"}, {"", ""}}, {}, {}, {}}},
        DetailsCase{"FieldViolations",
                    {"R",
                     {},
                     {{"digests[3].value", "32 octets"}, {"label", "UTF-8"}},
                     {},
                     {}}},
        DetailsCase{"Preconditions",
                    {"R", {}, {}, {{"STATE", "is ACTIVE"}, {"T", ""}}, {}}},
        DetailsCase{"ZeroDelay", {"R", {}, {}, {}, absl::ZeroDuration()}},
        DetailsCase{"DelayToTheNanosecond",
                    {"R", {}, {}, {}, absl::Nanoseconds(3000000001)}},
        DetailsCase{"NegativeDelay", {"R", {}, {}, {}, absl::Seconds(-5)}},
        DetailsCase{"TextsThatLookLikeTheEncoding",
                    {"3:abc", {{"1:", ":2"}}, {{"0:", "9:"}}, {}, {}}},
        DetailsCase{"OctetsThatAreNotUtf8",
                    {"R",
                     {{std::string("k\0\xff", 3), "\x80\n"}},
                     {},
                     {},
                     absl::Seconds(1)}}),
    [](const auto& info) { return info.param.name; });

TEST(ErrorTest, CutsDelayThatNanosecondsCannotHold) {
  ErrorDetails details;
  details.retry_delay = absl::InfiniteDuration();
  const auto read =
      GetErrorDetails(MakeError(absl::StatusCode::kUnavailable, "", details));
  ASSERT_TRUE(read.has_value());
  ASSERT_TRUE(read->retry_delay.has_value());
  EXPECT_GT(*read->retry_delay, absl::Hours(24 * 365 * 290));
}

TEST(ErrorTest, HasNoDetailsWhereNobodySetThem) {
  EXPECT_EQ(GetErrorDetails(absl::OkStatus()), std::nullopt);
  EXPECT_EQ(GetErrorDetails(absl::InternalError("x")), std::nullopt);
  EXPECT_EQ(GetReason(absl::InternalError("x")), "");
}

TEST(ErrorTest, OkCodeIsABugAndNotASuccess) {
  EXPECT_THAT(MakeError(absl::StatusCode::kOk, "m", {}),
              HasCode(absl::StatusCode::kInternal));
}

class BrokenPayloadTest : public testing::TestWithParam<const char*> {};

TEST_P(BrokenPayloadTest, IsNoDetails) {
  absl::Status status = absl::InternalError("x");
  status.SetPayload(kTypeUrl, absl::Cord(GetParam()));
  EXPECT_EQ(GetErrorDetails(status), std::nullopt);
  EXPECT_EQ(GetReason(status), "");
}

INSTANTIATE_TEST_SUITE_P(
    Payloads, BrokenPayloadTest,
    testing::Values("", "1", "1:", "2:R", "x:R", "-1:R", "1:R",
                    "1:R1:01:01:", "1:R1:x1:01:0", "1:R1:11:k",
                    "1:R19:9999999999999999991:01:0", "1:R1:01:01:01:x",
                    "1:R1:01:01:01:51:6", "99999999999999999999:R1:01:01:0"));

TEST(ErrorTest, ReadsTheEncodingThatIsWritten) {
  absl::Status status = absl::InternalError("x");
  status.SetPayload(kTypeUrl, absl::Cord("1:R1:01:01:01:7"));
  ErrorDetails want;
  want.reason = "R";
  want.retry_delay = absl::Nanoseconds(7);
  EXPECT_EQ(GetErrorDetails(status), want);
}

TEST(AnnotateTest, PutsContextBeforeMessageAndKeepsTheRest) {
  ErrorDetails details;
  details.reason = "HSM_AWAY";
  details.retry_delay = absl::Seconds(2);
  absl::Status status =
      MakeError(absl::StatusCode::kUnavailable, "no token", details);
  status.SetPayload("other", absl::Cord("payload"));
  const absl::Status annotated = Annotate(status, "signing");
  EXPECT_THAT(annotated,
              StatusIs(absl::StatusCode::kUnavailable, "signing: no token"));
  EXPECT_THAT(annotated, HasReason("HSM_AWAY"));
  EXPECT_EQ(GetErrorDetails(annotated), details);
  EXPECT_EQ(annotated.GetPayload("other"), absl::Cord("payload"));
}

TEST(AnnotateTest, LeavesOkAlone) {
  EXPECT_OK(Annotate(absl::OkStatus(), "context"));
}

}  // namespace
}  // namespace countersign::base
