#include "client/cli/error_text.h"

#include "client/api/client_error.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

TEST(ErrorText, TellsEverything) {
  base::ErrorDetails details =
      Because("BAD_REQUEST", {}, {{"digests[0].value", "32 octets"}});
  details.preconditions = {{"STATE", "must be ACTIVE"}};
  details.retry_delay = absl::Seconds(5);
  EXPECT_EQ(ErrorText(base::MakeError(absl::StatusCode::kInvalidArgument,
                                      "one field is wrong", details)),
            "countersign: one field is wrong\n"
            "  digests[0].value: 32 octets\n"
            "  STATE: must be ACTIVE\n"
            "  try again in 5s\n"
            "  (INVALID_ARGUMENT, BAD_REQUEST)\n");
}

TEST(ErrorText, DoesNotRepeatWhatTheMessageSays) {
  EXPECT_EQ(ErrorText(base::MakeError(
                absl::StatusCode::kInvalidArgument, "parent: must be given",
                Because("X", {}, {{"parent", "must be given"}}))),
            "countersign: parent: must be given\n  (INVALID_ARGUMENT, X)\n");
}

TEST(ErrorText, NamesTheCommandThatHelps) {
  EXPECT_EQ(
      ErrorText(base::MakeError(
          absl::StatusCode::kFailedPrecondition, "no key signs",
          Because("KEY_VERSION_STATE",
                  {{"resource", "products/p/operations/\x1b/keyVersions/1"},
                   {"state", "DISABLED"}}))),
      "countersign: no key signs\n"
      "  disabled: countersign key enable p/\\x1b/1\n"
      "  (FAILED_PRECONDITION, KEY_VERSION_STATE)\n");
}

TEST(ErrorText, WorksWithoutDetails) {
  EXPECT_EQ(ErrorText(absl::InternalError("oops")),
            "countersign: oops\n  (INTERNAL)\n");
}

TEST(ErrorText, IsSafeToShow) {
  const absl::Status status =
      base::MakeError(absl::StatusCode::kNotFound, "no \x1b[2J\xe2\x80\xae",
                      Because("R\x07", {}, {{"f\x1b", "d\r"}}));
  EXPECT_EQ(ErrorText(status),
            "countersign: no \\x1b[2J\\u{202e}\n"
            "  f\\x1b: d\\x0d\n"
            "  (NOT_FOUND, R\\x07)\n");
}

TEST(ErrorJson, HasOneObjectWithTheExitCode) {
  base::ErrorDetails details = Because("OVERLOADED", {{"k", "v"}});
  details.retry_delay = absl::Milliseconds(1500);
  details.preconditions = {{"T", "D"}};
  EXPECT_EQ(base::CompactJson(ErrorJson(base::MakeError(
                absl::StatusCode::kResourceExhausted, "busy", details))),
            "{\"error\":{\"code\":\"RESOURCE_EXHAUSTED\",\"reason\":"
            "\"OVERLOADED\",\"message\":\"busy\",\"exitCode\":6,\"metadata\":{"
            "\"k\":\"v\"},\"preconditions\":[{\"type\":\"T\",\"description\":"
            "\"D\"}],\"retryDelay\":\"1.5s\"}}");
}

}  // namespace
}  // namespace countersign::client
