#include "client/token/job_token_source.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/fake_clock.h"
#include "base/status_matchers.h"
#include "client/token/testing_token.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using base::StatusIs;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

class JobTokenTest : public testing::Test {
 protected:
  JobTokenTest()
      : source_(
            "https://sign.example.org/a b",
            [this](const std::string& name) -> std::optional<std::string> {
              const auto found = variables_.find(name);
              if (found == variables_.end()) return std::nullopt;
              return found->second;
            },
            [this](const base::HttpsCall& call) {
              calls_.push_back(call);
              return answer_;
            },
            clock_) {}

  void Answer(int code, const std::string& body) {
    base::HttpsAnswer answer;
    answer.code = code;
    answer.body = body;
    answer_ = answer;
  }

  std::map<std::string, std::string> variables_ = {
      {"ACTIONS_ID_TOKEN_REQUEST_URL", "https://runner.example.org/t?v=1"},
      {"ACTIONS_ID_TOKEN_REQUEST_TOKEN", "r3quest"}};
  base::FakeClock clock_;
  std::vector<base::HttpsCall> calls_;
  absl::StatusOr<base::HttpsAnswer> answer_ = base::HttpsAnswer();
  JobTokenSource source_;
};

TEST_F(JobTokenTest, AsksTheRunnerForOurAudience) {
  const std::string token = TestToken(clock_.Now() + absl::Minutes(5));
  Answer(200, absl::StrCat("{\"value\":\"", token, "\",\"count\":9}"));
  ASSERT_OK_AND_ASSIGN(const BearerToken got, source_.Get(false));
  EXPECT_EQ(got.value.DangerouslyExpose(), token);
  ASSERT_EQ(calls_.size(), 1u);
  EXPECT_EQ(calls_[0].url,
            "https://runner.example.org/t?v=1&audience="
            "https%3A%2F%2Fsign.example.org%2Fa%20b");
  EXPECT_THAT(calls_[0].headers,
              Contains(Pair("authorization", "bearer r3quest")));
  EXPECT_TRUE(calls_[0].form.empty());
}

TEST_F(JobTokenTest, BeginsAQueryWhereThereIsNone) {
  variables_["ACTIONS_ID_TOKEN_REQUEST_URL"] = "https://runner.example.org/t";
  Answer(200, R"({"value":"abc"})");
  ASSERT_OK(source_.Get(false));
  EXPECT_THAT(calls_[0].url, HasSubstr("/t?audience="));
}

TEST_F(JobTokenTest, KeepsATokenUntilShortlyBeforeItsEnd) {
  Answer(200, absl::StrCat("{\"value\":\"",
                           TestToken(clock_.Now() + absl::Minutes(5)), "\"}"));
  ASSERT_OK(source_.Get(false));
  ASSERT_OK(source_.Get(false));
  EXPECT_EQ(calls_.size(), 1u);
  clock_.Advance(absl::Seconds(271));
  ASSERT_OK(source_.Get(false));
  EXPECT_EQ(calls_.size(), 2u);
  ASSERT_OK(source_.Get(true));
  EXPECT_EQ(calls_.size(), 3u);
}

struct TroubleCase {
  std::string name;
  int code;  // 0: no answer
  std::string body;
  std::string reason;
};

class JobTokenTroubleTest : public JobTokenTest,
                            public testing::WithParamInterface<TroubleCase> {};

TEST_P(JobTokenTroubleTest, IsToldWithoutSecrets) {
  const TroubleCase& c = GetParam();
  if (c.code == 0) {
    answer_ = absl::UnavailableError("no connection to runner.example.org");
  } else {
    Answer(c.code, c.body);
  }
  const auto got = source_.Get(false);
  EXPECT_THAT(got, HasReason(c.reason));
  EXPECT_THAT(std::string(got.status().message()),
              AllOf(Not(HasSubstr("r3quest")), Not(HasSubstr("s3cret"))));
}

INSTANTIATE_TEST_SUITE_P(
    Troubles, JobTokenTroubleTest,
    testing::Values(
        TroubleCase{"NoAnswer", 0, "", "TOKEN_ENDPOINT_UNAVAILABLE"},
        TroubleCase{"Trouble", 503, "s3cret", "TOKEN_ENDPOINT_UNAVAILABLE"},
        TroubleCase{"TooMany", 429, "s3cret", "TOKEN_ENDPOINT_UNAVAILABLE"},
        TroubleCase{"Denied", 403, "s3cret", "TOKEN_UNREADABLE"},
        TroubleCase{"Broken", 200, "{\"s3cret\"", "TOKEN_UNREADABLE"},
        TroubleCase{"List", 200, "[]", "TOKEN_UNREADABLE"},
        TroubleCase{"NoValue", 200, "{\"val\":\"s3cret\"}", "TOKEN_UNREADABLE"},
        TroubleCase{"NoToken", 200, "{\"value\":\"s3cret and more\"}",
                    "TOKEN_MALFORMED"}),
    [](const auto& info) { return info.param.name; });

TEST_F(JobTokenTest, LetsTheUserInterrupt) {
  answer_ = absl::CancelledError("interrupted");
  EXPECT_THAT(source_.Get(false),
              StatusIs(absl::StatusCode::kCancelled, HasSubstr("interrupted")));
}

}  // namespace
}  // namespace countersign::client
