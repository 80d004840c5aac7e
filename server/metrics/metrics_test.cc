#include "server/metrics/metrics.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::server {
namespace {

using testing::HasSubstr;

TEST(MetricsTest, CountsCallsByMethodAndCode) {
  ASSERT_OK_AND_ASSIGN(const auto metrics, Metrics::Start(""));
  metrics->OnRpc("GetProduct", absl::StatusCode::kOk, absl::Milliseconds(1));
  metrics->OnRpc("GetProduct", absl::StatusCode::kOk, absl::Milliseconds(1));
  metrics->OnRpc("GetProduct", absl::StatusCode::kNotFound, absl::Seconds(1));
  const std::string text = metrics->Text();
  EXPECT_THAT(text, HasSubstr("countersign_server_rpcs_total{code=\"OK\","
                              "method=\"GetProduct\"} 2"));
  EXPECT_THAT(text, HasSubstr("code=\"NOT_FOUND\",method=\"GetProduct\"} 1"));
  EXPECT_THAT(text, HasSubstr("countersign_server_rpc_seconds_count"
                              "{method=\"GetProduct\"} 3"));
}

TEST(MetricsTest, CountsAuthenticationsByCredentialAndResult) {
  ASSERT_OK_AND_ASSIGN(const auto metrics, Metrics::Start(""));
  metrics->OnAuthentication("token", "ok");
  metrics->OnAuthentication("token", "ok");
  metrics->OnAuthentication("both", "TOKEN_EXPIRED");
  metrics->OnUnrecordedDenial();
  Levels levels;
  levels.remembered_credentials = 17;
  metrics->Set(levels);
  const std::string text = metrics->Text();
  EXPECT_THAT(text, HasSubstr("countersign_authentications_total{credential="
                              "\"token\",result=\"ok\"} 2"));
  EXPECT_THAT(text,
              HasSubstr("credential=\"both\",result=\"TOKEN_EXPIRED\"} 1"));
  EXPECT_THAT(text, HasSubstr("countersign_server_unrecorded_denials_total 1"));
  EXPECT_THAT(text, HasSubstr("countersign_auth_remembered_credentials 17"));
}

TEST(MetricsTest, ShowsTokenIssuersThatAreConfigured) {
  ASSERT_OK_AND_ASSIGN(const auto metrics, Metrics::Start(""));
  Levels levels;
  levels.issuers = {{"ci", true, absl::Seconds(90)},
                    {"staff", false, absl::InfiniteDuration()}};
  metrics->Set(levels);
  std::string text = metrics->Text();
  EXPECT_THAT(text, HasSubstr("countersign_token_issuer_up{issuer=\"ci\"} 1"));
  EXPECT_THAT(text,
              HasSubstr("countersign_token_issuer_up{issuer=\"staff\"} 0"));
  EXPECT_THAT(text, HasSubstr("countersign_token_issuer_key_age_seconds{issuer="
                              "\"ci\"} 90"));
  EXPECT_THAT(text, HasSubstr("key_age_seconds{issuer=\"staff\"} +Inf"));
  levels.issuers.pop_back();
  metrics->Set(levels);
  text = metrics->Text();
  EXPECT_THAT(text, HasSubstr("issuer=\"ci\""));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("staff")));
}

TEST(MetricsTest, CountsHttpCallsByKindAndCode) {
  ASSERT_OK_AND_ASSIGN(const auto metrics, Metrics::Start(""));
  metrics->OnHttpCall("sign", 200, absl::Seconds(40));
  metrics->OnHttpCall("sign", 200, absl::Seconds(40));
  metrics->OnHttpCall("readyz", 503, absl::ZeroDuration());
  metrics->OnWaitingCalls(3);
  const std::string text = metrics->Text();
  EXPECT_THAT(text, HasSubstr("countersign_http_calls_total{code=\"200\","
                              "kind=\"sign\"} 2"));
  EXPECT_THAT(text, HasSubstr("code=\"503\",kind=\"readyz\"} 1"));
  EXPECT_THAT(text, HasSubstr("countersign_http_call_seconds_count"
                              "{kind=\"sign\"} 2"));
  EXPECT_THAT(text, HasSubstr("countersign_http_waiting_calls 3"));
}

TEST(MetricsTest, CountsSignaturesByOperationNotByKeyVersion) {
  ASSERT_OK_AND_ASSIGN(const auto metrics, Metrics::Start(""));
  for (int version = 1; version <= 2; ++version) {
    metrics->OnSigned(
        absl::StrCat("products/p/operations/o/keyVersions/", version),
        core::SignatureAlgorithm::kEcdsa, absl::Microseconds(80), true);
  }
  const std::string text = metrics->Text();
  EXPECT_THAT(text, HasSubstr("operation=\"products/p/operations/o\""));
  EXPECT_THAT(text, testing::Not(HasSubstr("keyVersions")));
  EXPECT_THAT(text, HasSubstr("countersign_hsm_sign_seconds_count 2"));
}

TEST(MetricsTest, ShowsLevelsAndCommits) {
  ASSERT_OK_AND_ASSIGN(const auto metrics, Metrics::Start(""));
  Levels levels;
  levels.pending_under_day = 3;
  levels.log_leaves = 10;
  levels.tree_leaves = 7;
  levels.signer_ready = true;
  metrics->Set(levels);
  metrics->OnCommit(5, absl::Milliseconds(2), true);
  metrics->OnCommit(1, absl::Milliseconds(2), false);
  metrics->OnQueueDepth(9);
  metrics->OnLoad(4, 8);
  const std::string text = metrics->Text();
  for (const char* line :
       {"countersign_core_pending_requests{age=\"under_1d\"} 3",
        "countersign_audit_log_leaves 10",
        "countersign_audit_integration_lag_leaves 3",
        "countersign_hsm_ready_state 1",
        "countersign_storage_commit_sizes_sum 6",
        "countersign_storage_commit_failures_total 1",
        "countersign_hsm_queued_digests 9",
        "countersign_server_flows_in_flight 4"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(MetricsTest, ShowsEachTokenAsItIsNow) {
  ASSERT_OK_AND_ASSIGN(const auto metrics, Metrics::Start(""));
  Levels levels;
  levels.tokens = {{"main", true, "", 0}, {"second", false, "away", 3}};
  metrics->Set(levels);
  EXPECT_THAT(metrics->Text(),
              HasSubstr("countersign_hsm_token_ready{token=\"main\"} 1"));
  EXPECT_THAT(metrics->Text(),
              HasSubstr("countersign_hsm_token_ready{token=\"second\"} 0"));
  EXPECT_THAT(metrics->Text(),
              HasSubstr("countersign_hsm_stuck_calls{token=\"second\"} 3"));
  levels.tokens[1] = {"second", true, "", 0};
  metrics->Set(levels);
  EXPECT_THAT(metrics->Text(),
              HasSubstr("countersign_hsm_token_ready{token=\"second\"} 1"));
  EXPECT_THAT(metrics->Text(),
              HasSubstr("countersign_hsm_stuck_calls{token=\"second\"} 0"));
}

TEST(MetricsTest, ServesOnAPortOfItsOwn) {
  ASSERT_OK_AND_ASSIGN(const auto none, Metrics::Start(""));
  EXPECT_EQ(none->port(), 0);
  ASSERT_OK_AND_ASSIGN(const auto some, Metrics::Start("127.0.0.1:0"));
  EXPECT_GT(some->port(), 0);
  EXPECT_THAT(Metrics::Start(absl::StrCat("127.0.0.1:", some->port())).status(),
              base::StatusIs(absl::StatusCode::kUnavailable,
                             HasSubstr("metrics.address")));
}

}  // namespace
}  // namespace countersign::server
