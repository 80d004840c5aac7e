#include "client/api/rpc_status.h"

#include "absl/time/time.h"
#include "base/error.h"
#include "base/status_matchers.h"
#include "client/api/test_server.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using base::StatusIs;

TEST(FromGrpcStatus, KeepsOk) { EXPECT_OK(FromGrpcStatus(grpc::Status::OK)); }

TEST(FromGrpcStatus, ReadsEveryDetail) {
  base::ErrorDetails details;
  details.reason = "BAD_REQUEST";
  details.metadata = {{"resource", "products/p"}, {"limit", "1000"}};
  details.field_violations = {{"digests[0].value", "32 octets are needed"},
                              {"parent", "must be given"}};
  details.preconditions = {{"STATE", "must be ACTIVE"}};
  details.retry_delay = absl::Milliseconds(1500);
  const absl::Status sent = base::MakeError(absl::StatusCode::kInvalidArgument,
                                            "two fields are wrong", details);

  const absl::Status got = FromGrpcStatus(WireError(sent));

  EXPECT_THAT(got, StatusIs(absl::StatusCode::kInvalidArgument,
                            "two fields are wrong"));
  ASSERT_TRUE(base::GetErrorDetails(got).has_value());
  EXPECT_EQ(*base::GetErrorDetails(got), details);
}

TEST(FromGrpcStatus, KeepsCodeAndMessageWithoutDetails) {
  const absl::Status got =
      FromGrpcStatus({grpc::StatusCode::UNAVAILABLE, "nobody there"});
  EXPECT_THAT(got, StatusIs(absl::StatusCode::kUnavailable, "nobody there"));
  EXPECT_THAT(got, HasReason(""));
}

TEST(FromGrpcStatus, SurvivesDetailsThatAreNone) {
  const absl::Status got = FromGrpcStatus(
      {grpc::StatusCode::INTERNAL, "oops", std::string("\xff\xff\x01", 3)});
  EXPECT_THAT(got, StatusIs(absl::StatusCode::kInternal, "oops"));
}

TEST(FromGrpcStatus, MapsEachCodeToItself) {
  for (int code = 1; code <= 16; ++code) {
    EXPECT_EQ(
        static_cast<int>(
            FromGrpcStatus({static_cast<grpc::StatusCode>(code), "x"}).code()),
        code);
  }
}

}  // namespace
}  // namespace countersign::client
