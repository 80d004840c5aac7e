#include "server/grpc_status.h"

#include <string>
#include <vector>

#include "base/error.h"
#include "core/errors.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"

namespace countersign::server {
namespace {

using testing::HasSubstr;
using testing::Not;

google::rpc::Status Details(const grpc::Status& status) {
  google::rpc::Status details;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  return details;
}

template <typename Message>
int Count(const google::rpc::Status& details) {
  int count = 0;
  for (const auto& any : details.details()) count += any.Is<Message>() ? 1 : 0;
  return count;
}

template <typename Message>
Message Get(const google::rpc::Status& details) {
  Message message;
  for (const auto& any : details.details()) {
    if (any.UnpackTo(&message)) break;
  }
  return message;
}

struct Row {
  const char* name;
  absl::Status error;
  grpc::StatusCode code;
  const char* reason;
  int retry;
  int bad_request;
  int precondition;
  int resource;
};

TEST(GrpcStatusTest, GivesEachErrorItsCodeReasonAndDetails) {
  const Row rows[] = {
      {"bad request", core::error::BadRequest({{"f", "wrong"}}),
       grpc::INVALID_ARGUMENT, "BAD_REQUEST", 0, 1, 0, 0},
      {"not found", core::error::NotFound("products/x"), grpc::NOT_FOUND,
       "RESOURCE_NOT_FOUND", 0, 0, 0, 1},
      {"exists", core::error::AlreadyExists("products/x"), grpc::ALREADY_EXISTS,
       "RESOURCE_EXISTS", 0, 0, 0, 1},
      {"denied", core::error::PermissionDenied("ann", "sign", "products/x"),
       grpc::PERMISSION_DENIED, "PERMISSION_DENIED", 0, 0, 0, 0},
      {"unknown", core::error::UnknownIdentity("no certificate"),
       grpc::UNAUTHENTICATED, "UNKNOWN_IDENTITY", 0, 0, 0, 0},
      {"inactive", core::error::ProductNotActive("products/x", "DISABLED"),
       grpc::FAILED_PRECONDITION, "PRODUCT_NOT_ACTIVE", 0, 0, 1, 0},
      {"stale", core::error::StaleEtag("r"), grpc::ABORTED, "STALE_ETAG", 0, 0,
       0, 0},
      {"record", core::error::RecordUnavailable(), grpc::UNAVAILABLE,
       "RECORD_UNAVAILABLE", 1, 0, 0, 0},
      {"overload", core::error::Overloaded(absl::Seconds(2)),
       grpc::RESOURCE_EXHAUSTED, "OVERLOADED", 1, 0, 0, 0},
      {"stopping", core::error::ServerStopping(), grpc::UNAVAILABLE,
       "SERVER_STOPPING", 1, 0, 0, 0},
      {"unnamed", absl::AbortedError("x"), grpc::ABORTED, "ABORTED", 0, 0, 0,
       0},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const grpc::Status status = ToGrpcStatus(row.error, "id-1");
    EXPECT_EQ(status.error_code(), row.code);
    const google::rpc::Status details = Details(status);
    EXPECT_EQ(details.code(), static_cast<int>(row.code));
    EXPECT_EQ(details.message(), status.error_message());
    ASSERT_EQ(Count<google::rpc::ErrorInfo>(details), 1);
    const auto info = Get<google::rpc::ErrorInfo>(details);
    EXPECT_EQ(info.reason(), row.reason);
    EXPECT_EQ(info.domain(), "countersign.dev");
    EXPECT_EQ(info.metadata().at("call_id"), "id-1");
    EXPECT_EQ(Count<google::rpc::RetryInfo>(details), row.retry);
    EXPECT_EQ(Count<google::rpc::BadRequest>(details), row.bad_request);
    EXPECT_EQ(Count<google::rpc::PreconditionFailure>(details),
              row.precondition);
    EXPECT_EQ(Count<google::rpc::ResourceInfo>(details), row.resource);
  }
}

TEST(GrpcStatusTest, SaysWhenToRetry) {
  const auto details =
      Details(ToGrpcStatus(core::error::Overloaded(absl::Seconds(2)), ""));
  EXPECT_EQ(Get<google::rpc::RetryInfo>(details).retry_delay().seconds(), 2);
}

TEST(GrpcStatusTest, KeepsTheInsideOfAnInternalError) {
  base::ErrorDetails inside;
  inside.reason = "SQL";
  inside.metadata["path"] = "/var/lib/secret";
  for (const absl::Status& error :
       {base::MakeError(absl::StatusCode::kInternal, "/var/lib/secret broke",
                        inside),
        absl::UnknownError("/var/lib/secret"),
        absl::DataLossError("/var/lib/secret")}) {
    const grpc::Status status = ToGrpcStatus(error, "id-7");
    EXPECT_EQ(status.error_code(), grpc::INTERNAL);
    EXPECT_THAT(status.error_message(), Not(HasSubstr("secret")));
    EXPECT_THAT(status.error_details(), Not(HasSubstr("secret")));
    EXPECT_THAT(status.error_details(), Not(HasSubstr("SQL")));
    EXPECT_THAT(status.error_details(), HasSubstr("id-7"));
    EXPECT_TRUE(IsHidden(error));
  }
}

TEST(GrpcStatusTest, StaysBelowTheLimitOfHeaders) {
  std::vector<base::FieldViolation> many;
  for (int i = 0; i < 1000; ++i) {
    many.push_back({std::string(300, 'f'), std::string(300, 'd')});
  }
  const grpc::Status status =
      ToGrpcStatus(core::error::BadRequest(std::move(many)), "");
  // On the wire the message may be percent-encoded, the details are base64.
  EXPECT_LT(
      3 * status.error_message().size() + status.error_details().size() * 4 / 3,
      8u << 10);
  EXPECT_GE(
      Get<google::rpc::BadRequest>(Details(status)).field_violations_size(), 3);
}

TEST(GrpcStatusTest, CutsTextBetweenCharacters) {
  std::string text = "a";
  for (int i = 0; i < 600; ++i) text += "\xc3\xa9";
  const grpc::Status status =
      ToGrpcStatus(absl::InvalidArgumentError(text), "");
  EXPECT_EQ(status.error_message().size() % 2, 1u);
  EXPECT_LE(status.error_message().size(), 768u);
}

TEST(GrpcStatusTest, OkIsOk) {
  EXPECT_TRUE(ToGrpcStatus(absl::OkStatus(), "").ok());
}

}  // namespace
}  // namespace countersign::server
