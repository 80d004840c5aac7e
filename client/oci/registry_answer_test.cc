#include "client/oci/registry_answer.h"

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using ::testing::HasSubstr;
using ::testing::Optional;

HttpResponse With(const std::string& name, const std::string& value) {
  HttpResponse response;
  response.headers = {{name, value}};
  return response;
}

TEST(RegistryAnswerTest, ReadsTheErrorsOfTheSpecification) {
  const RegistryErrors errors = ParseRegistryErrors(
      R"({"errors":[{"code":"A","message":"one","detail":{"x":1}},)"
      R"({"code":"B"},{"message":"three"},{"code":"D"}]})");
  EXPECT_EQ(errors.first_code, "A");
  EXPECT_EQ(errors.text, "A: one; B; three");
}

TEST(RegistryAnswerTest, MakesNothingOfOtherBodies) {
  for (const char* body :
       {"", "<html>", "[]", "{}", R"({"errors":1})", R"({"errors":[1,null]})",
        R"({"errors":[{"code":1,"message":[]}]})"}) {
    EXPECT_EQ(ParseRegistryErrors(body).text, "") << body;
  }
}

TEST(RegistryAnswerTest, ReadsSecondsOfRetryAfter) {
  EXPECT_THAT(RetryAfter(With("retry-after", "17")),
              Optional(absl::Seconds(17)));
  for (const char* text : {"", "-1", "1.5", "99999999999999999999", "9999999",
                           "Wed, 21 Oct 2026 07:28:00 GMT"}) {
    EXPECT_EQ(RetryAfter(With("retry-after", text)), std::nullopt) << text;
  }
}

TEST(RegistryAnswerTest, PutsLimitsIntoWords) {
  EXPECT_EQ(RateLimitWords(With("retry-after", "5")), "try again in 5 s");
  EXPECT_THAT(RateLimitWords(With("retry-after", "Wed, 21 Oct 2026")),
              HasSubstr("try again after Wed"));
  EXPECT_EQ(RateLimitWords(With("ratelimit-limit", "100\x1b")),
            "limit 100\\x1b");
  EXPECT_EQ(RateLimitWords({}), "");
}

}  // namespace
}  // namespace countersign::client
